"""The history of a task: the facts about what hangs on it are found by its key, and those of links by both ends.

Facts about a task itself are found by `ix_events_subject` and get no entry in either index. A key has a dash, which
those of projects have not; so what will hang on tasks one day is found, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The log is the largest table: building these must not stop anybody from writing to it.
    with op.get_context().autocommit_block():
        # A build that was stopped leaves its index behind, invalid.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_events_of_task")
        op.create_index(
            "ix_events_of_task",
            "events",
            ["subject_key", "project_id"],
            postgresql_where=sa.text("subject_type <> 'task' AND strpos(subject_key, '-') > 0"),
            postgresql_concurrently=True,
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_events_link")
        op.create_index(
            "ix_events_link",
            "events",
            ["changes"],
            postgresql_using="gin",
            postgresql_ops={"changes": "jsonb_path_ops"},
            postgresql_where=sa.text("subject_type = 'link'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_events_link", table_name="events", postgresql_concurrently=True)
        op.drop_index("ix_events_of_task", table_name="events", postgresql_concurrently=True)
