"""What tasks are marked with and planned by: labels, milestones, cycles; and what new tasks of a project start with.

Begun again after a failure, it goes on where it was: every step asks what is done already.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_PLANS = (("milestone", "milestones"), ("cycle", "cycles"))


def upgrade() -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    for statement in (*_TABLES, *_COLUMNS, *_FUNCTIONS):
        # By their schema, for pg_restore fills tables with an empty search path.
        op.execute(statement.replace("{schema}", schema))
    for name, when in _TRIGGERS.items():
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON tasks")
        op.execute(f"CREATE TRIGGER {name} {when}")
    for name, table in _PLANS:
        op.execute(f"ALTER TABLE tasks DROP CONSTRAINT IF EXISTS fk_tasks_{name}")
        op.create_foreign_key(
            f"fk_tasks_{name}",
            "tasks",
            table,
            ["project_id", f"{name}_id"],
            ["project_id", "id"],
            postgresql_not_valid=True,
        )
    with op.get_context().autocommit_block():
        for name, _ in _PLANS:
            _create_index(f"ix_tasks_{name}", "tasks", [f"{name}_id"], where=sa.text(f"{name}_id IS NOT NULL"))
            # Checked after it holds for what is written from now on, so that nobody waits for a walk through all tasks.
            op.execute(f"ALTER TABLE tasks VALIDATE CONSTRAINT fk_tasks_{name}")


def downgrade() -> None:
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON tasks")
    for function in ("keep_task_labels", "leave_plans_behind"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}")
    for name, table in _PLANS:
        op.execute(f"ALTER TABLE tasks DROP CONSTRAINT IF EXISTS fk_tasks_{name}, DROP COLUMN IF EXISTS {name}_id")
        op.execute(f"DROP TABLE IF EXISTS {table}")
    op.execute("ALTER TABLE tasks DROP COLUMN IF EXISTS label_ids")
    op.execute("ALTER TABLE projects DROP COLUMN IF EXISTS defaults")
    op.execute("DROP TABLE IF EXISTS task_labels")


def _create_index(name: str, table: str, columns: Iterable[str], *, where: sa.TextClause) -> None:
    """One that was begun and not finished is invalid, and would count as there."""
    op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
    op.create_index(name, table, list(columns), postgresql_concurrently=True, postgresql_where=where)


_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS milestones (
        id uuid CONSTRAINT pk_milestones PRIMARY KEY,
        project_id uuid NOT NULL CONSTRAINT fk_milestones_project_id REFERENCES projects (id) ON DELETE CASCADE,
        name text NOT NULL,
        description text,
        due_on date,
        closed boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        CONSTRAINT uq_milestones_project_id_id UNIQUE (project_id, id)
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_milestones_name ON milestones (project_id, lower(name))",
    """
    CREATE TABLE IF NOT EXISTS cycles (
        id uuid CONSTRAINT pk_cycles PRIMARY KEY,
        project_id uuid NOT NULL CONSTRAINT fk_cycles_project_id REFERENCES projects (id) ON DELETE CASCADE,
        name text NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        created_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1,
        CONSTRAINT ck_cycles_days CHECK (ends_on >= starts_on),
        CONSTRAINT uq_cycles_project_id_id UNIQUE (project_id, id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS ix_cycles_starts_on ON cycles (project_id, starts_on)",
    """
    CREATE TABLE IF NOT EXISTS task_labels (
        label_id uuid NOT NULL,
        project_id uuid NOT NULL,
        task_id uuid NOT NULL,
        CONSTRAINT pk_task_labels PRIMARY KEY (label_id, project_id, task_id)
    )
    """,
)
_COLUMNS = (
    # Projects first, as requests read them before they write tasks.
    "ALTER TABLE projects ADD COLUMN IF NOT EXISTS defaults jsonb NOT NULL DEFAULT '{}'::jsonb",
    """
    ALTER TABLE tasks ADD COLUMN IF NOT EXISTS label_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
        ADD COLUMN IF NOT EXISTS milestone_id uuid, ADD COLUMN IF NOT EXISTS cycle_id uuid
    """,
)
_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION keep_task_labels() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op <> 'INSERT' THEN
            DELETE FROM {schema}.task_labels
            WHERE label_id = ANY (old.label_ids) AND project_id = old.project_id AND task_id = old.id;
        END IF;
        IF tg_op <> 'DELETE' THEN
            INSERT INTO {schema}.task_labels (label_id, project_id, task_id)
            SELECT DISTINCT label_id, new.project_id, new.id FROM unnest(new.label_ids) AS label_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    # Labels, milestones and cycles are a project's own. A process of the version before moves a task and says nothing
    # of them.
    """
    CREATE OR REPLACE FUNCTION leave_plans_behind() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF new.label_ids = old.label_ids THEN
            new.label_ids := '{}';
        END IF;
        IF new.milestone_id = old.milestone_id THEN
            new.milestone_id := NULL;
        END IF;
        IF new.cycle_id = old.cycle_id THEN
            new.cycle_id := NULL;
        END IF;
        RETURN new;
    END $$
    """,
)
# By what happens, so that a task without labels calls no function.
_TRIGGERS = {
    "keep_task_labels_of_new": "AFTER INSERT ON tasks FOR EACH ROW"
    " WHEN (new.label_ids <> '{}') EXECUTE FUNCTION keep_task_labels()",
    "keep_task_labels": "AFTER UPDATE OF project_id, label_ids ON tasks FOR EACH ROW"
    " WHEN (old.label_ids <> '{}' OR new.label_ids <> '{}') EXECUTE FUNCTION keep_task_labels()",
    "keep_task_labels_of_gone": "AFTER DELETE ON tasks FOR EACH ROW"
    " WHEN (old.label_ids <> '{}') EXECUTE FUNCTION keep_task_labels()",
    "leave_plans_behind": "BEFORE UPDATE OF project_id ON tasks FOR EACH ROW"
    " WHEN (new.project_id <> old.project_id) EXECUTE FUNCTION leave_plans_behind()",
}
