"""The narrow tables filled for the tasks that are there, and what they replace dropped from `tasks`.

Begun again after a failure, it goes on where it was: every step asks what is done already.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 2000
LIVE = sa.text("deleted_at IS NULL")
DROPPED = {
    "ix_tasks_updated": ("project_id", "updated_at", "id"),
    "ix_tasks_priority": ("project_id", "priority", "id"),
    "ix_tasks_title": ("project_id", "title", "id"),
    "ix_tasks_status_created": ("project_id", "status", "created_at", "id"),
    "ix_tasks_status_due": ("project_id", "status", "due_first", "id"),
    "ix_tasks_status_rank": ("project_id", "status", "rank", "id"),
}
# The rows are locked for as long as a batch takes: a change that came between reading and writing them would have
# found nothing to keep, and what is written here would be old for ever.
FILL = sa.text("""
    WITH batch AS MATERIALIZED (SELECT * FROM tasks WHERE id > :after ORDER BY id LIMIT :size FOR SHARE),
    recency AS (
        INSERT INTO task_recency (project_id, updated_at, task_id)
        SELECT project_id, updated_at, id FROM batch ON CONFLICT DO NOTHING
    ),
    places AS (
        INSERT INTO task_places (project_id, status, rank, task_id, created_at)
        SELECT project_id, status, rank, id, created_at FROM batch ON CONFLICT DO NOTHING
    ),
    assignees AS (
        INSERT INTO task_assignees (user_id, project_id, task_id)
        SELECT DISTINCT user_id, project_id, id FROM batch, unnest(assignee_ids) AS user_id ON CONFLICT DO NOTHING
    ),
    search AS (
        INSERT INTO task_search (task_id, project_id, document)
        SELECT id, project_id, task_search_document(title, description) FROM batch ON CONFLICT DO NOTHING
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
""")
# Processes of the version before ask for `tasks.search`; without a column of that name PostgreSQL calls this.
SEARCH_OF_BEFORE = """
    CREATE FUNCTION search(tasks) RETURNS tsvector LANGUAGE sql STABLE
    RETURN (SELECT document FROM task_search WHERE task_id = ($1).id)
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _fill()
        _create_index("ix_task_search_document", "task_search", ["document"], using="gin")
        op.execute("ANALYZE task_recency, task_places, task_assignees, task_search")
        for name in (*DROPPED, "ix_tasks_assignees", "ix_tasks_created_by", "ix_tasks_search"):
            op.drop_index(name, "tasks", postgresql_concurrently=True, if_exists=True)
    op.drop_column("tasks", "search")
    op.execute(SEARCH_OF_BEFORE)
    # For pages to come. One that is full makes room by itself, as its rows are written without their search text.
    op.execute("ALTER TABLE tasks SET (fillfactor = 85)")


def downgrade() -> None:
    """Adding the column writes the whole table anew, and everybody waits for it."""
    op.execute("ALTER TABLE tasks RESET (fillfactor)")
    op.execute("DROP FUNCTION IF EXISTS search(tasks)")
    op.execute(
        "ALTER TABLE tasks ADD COLUMN IF NOT EXISTS search tsvector NOT NULL"
        " GENERATED ALWAYS AS (setweight(to_tsvector('english'::regconfig, title), 'A')"
        " || setweight(to_tsvector('english'::regconfig, coalesce(description, '')), 'B')) STORED"
    )
    with op.get_context().autocommit_block():
        for name, columns in DROPPED.items():
            _create_index(name, "tasks", columns, where=LIVE)
        for name, column in (("ix_tasks_assignees", "assignee_ids"), ("ix_tasks_search", "search")):
            _create_index(name, "tasks", [column], using="gin", where=LIVE)
        _create_index("ix_tasks_created_by", "tasks", ["created_by"])
        op.drop_index("ix_task_search_document", "task_search", postgresql_concurrently=True, if_exists=True)


def _fill() -> None:
    connection, after = op.get_bind(), "00000000-0000-0000-0000-000000000000"
    while after is not None:
        after = connection.scalar(FILL, {"after": after, "size": BATCH})


def _create_index(
    name: str, table: str, columns: Iterable[str], *, using: str = "btree", where: sa.TextClause | None = None
) -> None:
    """One that was begun and not finished is invalid, and would count as there."""
    op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
    op.create_index(
        name, table, list(columns), postgresql_concurrently=True, postgresql_using=using, postgresql_where=where
    )
