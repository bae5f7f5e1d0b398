"""Where the change log begins once old changes are taken away: `log_floor` has one row at most."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS log_floor (
            is_only boolean NOT NULL DEFAULT true CONSTRAINT pk_log_floor PRIMARY KEY,
            xid xid8 NOT NULL,
            seq bigint NOT NULL,
            at timestamptz NOT NULL,
            CONSTRAINT ck_log_floor_one_row CHECK (is_only)
        )
        """
    )


def downgrade() -> None:
    op.drop_table("log_floor", if_exists=True)
