"""What an import tells of the past is found by its time: its ids are of the moment at which it was brought in."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The log is the largest table: building this must not stop anybody from writing to it.
    with op.get_context().autocommit_block():
        # A build that was stopped leaves its index behind, invalid.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_events_imported")
        op.create_index(
            "ix_events_imported",
            "events",
            ["project_id", "at"],
            postgresql_where=sa.text("actor_kind = 'import'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_events_imported")
