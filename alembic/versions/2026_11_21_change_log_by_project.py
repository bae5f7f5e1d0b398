"""The change log of one project, in commit order."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The log is the largest table: building this index must not stop anybody from writing to it.
    with op.get_context().autocommit_block():
        # One that a broken build left behind is invalid, and stands in the way of the next attempt.
        op.drop_index("ix_events_project", table_name="events", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            "ix_events_project",
            "events",
            ["project_id", "xid", "seq"],
            postgresql_where=sa.text("project_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_events_project", table_name="events", postgresql_concurrently=True)
