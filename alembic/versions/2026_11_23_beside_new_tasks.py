"""What stands beside new tasks is written once a statement and not once a row.

A row of `tasks` called four functions, each with an INSERT of its own. Now one function takes all that a statement has
inserted. Changes and removals stay with the triggers of each row. Every process, of whichever version, has its tables
kept: old and new triggers change places in one transaction.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

KEEP_BESIDE_NEW_TASKS = """
    CREATE OR REPLACE FUNCTION keep_beside_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        some_have_labels boolean;
        some_have_assignees boolean;
    BEGIN
        INSERT INTO {schema}.task_recency (project_id, updated_at, task_id)
        SELECT project_id, updated_at, id FROM new_tasks;
        INSERT INTO {schema}.task_places (project_id, status, rank, task_id, created_at)
        SELECT project_id, status, rank, id, created_at FROM new_tasks;
        INSERT INTO {schema}.task_search (task_id, project_id, document)
        SELECT id, project_id, {schema}.search_document(title, description) FROM new_tasks;
        SELECT bool_or(label_ids <> '{{}}'), bool_or(assignee_ids <> '{{}}')
        INTO some_have_labels, some_have_assignees
        FROM new_tasks;
        IF some_have_labels THEN
            INSERT INTO {schema}.task_labels (label_id, project_id, task_id)
            SELECT DISTINCT label_id, project_id, id FROM new_tasks, unnest(label_ids) AS label_id;
        END IF;
        IF some_have_assignees THEN
            INSERT INTO {schema}.task_assignees (user_id, project_id, task_id)
            SELECT DISTINCT user_id, project_id, id FROM new_tasks, unnest(assignee_ids) AS user_id;
        END IF;
        RETURN NULL;
    END
    $$
"""
TABLES = (
    ("recency", "project_id, updated_at"),
    ("places", "project_id, status, rank"),
    ("search", "project_id, title, description"),
    ("assignees", "project_id, assignee_ids"),
)


def upgrade() -> None:
    # By their schema, for pg_restore fills tables with an empty search path.
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(KEEP_BESIDE_NEW_TASKS.format(schema=schema))
    for name, columns in TABLES:
        _keep(name, f"DELETE OR UPDATE OF {columns}")
    op.execute("DROP TRIGGER IF EXISTS keep_task_labels_of_new ON tasks")
    op.execute(
        "CREATE OR REPLACE TRIGGER keep_beside_new_tasks AFTER INSERT ON tasks REFERENCING NEW TABLE AS new_tasks"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_beside_new_tasks()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS keep_beside_new_tasks ON tasks")
    for name, columns in TABLES:
        _keep(name, f"INSERT OR DELETE OR UPDATE OF {columns}")
    op.execute(
        "CREATE OR REPLACE TRIGGER keep_task_labels_of_new AFTER INSERT ON tasks FOR EACH ROW"
        " WHEN (new.label_ids <> '{}') EXECUTE FUNCTION keep_task_labels()"
    )
    op.execute("DROP FUNCTION IF EXISTS keep_beside_new_tasks")


def _keep(name: str, events: str) -> None:
    op.execute(
        f"CREATE OR REPLACE TRIGGER keep_task_{name} AFTER {events} ON tasks"
        f" FOR EACH ROW EXECUTE FUNCTION keep_task_{name}()"
    )
