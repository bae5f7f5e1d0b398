"""Readers of the change log take turns: `consumers` says how far each has come."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS consumers (
            name text NOT NULL CONSTRAINT pk_consumers PRIMARY KEY,
            xid xid8 NOT NULL,
            seq bigint NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.drop_table("consumers", if_exists=True)
