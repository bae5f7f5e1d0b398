"""What everybody has to do, in the order in which it is due: `task_agenda` has the open tasks of each person.

A trigger keeps it, so that processes of the version before do too; it is not called for a task of nobody. Begun again
after a failure, it writes only the rows that are missing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BATCH = 2000
OPEN = "{row}.deleted_at IS NULL AND {row}.status_category NOT IN ('done', 'cancelled')"
# By their schema, for pg_restore fills tables with an empty search path.
KEEP_TASK_AGENDA = """
    CREATE OR REPLACE FUNCTION keep_task_agenda() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op <> 'INSERT' THEN
            DELETE FROM {schema}.task_agenda
            WHERE user_id = ANY (old.assignee_ids) AND due_first = old.due_first AND task_id = old.id;
        END IF;
        IF tg_op <> 'DELETE' AND {is_open} THEN
            INSERT INTO {schema}.task_agenda (user_id, due_first, task_id)
            SELECT DISTINCT user_id, new.due_first, new.id FROM unnest(new.assignee_ids) AS user_id;
        END IF;
        RETURN NULL;
    END
    $$
"""
SOMEBODYS = "{row}.assignee_ids <> '{{}}'"
CHANGED = f"""
    ({SOMEBODYS.format(row="old")} OR {SOMEBODYS.format(row="new")}) AND (
        old.assignee_ids <> new.assignee_ids OR old.due_first <> new.due_first
        OR ({OPEN.format(row="old")}) <> ({OPEN.format(row="new")})
    )
"""
TRIGGERS = (
    ("keep_task_agenda_of_new", "INSERT", f"{SOMEBODYS.format(row='new')} AND {OPEN.format(row='new')}"),
    ("keep_task_agenda", "UPDATE OF assignee_ids, status_category, due_on, due_at, deleted_at", CHANGED),
    ("keep_task_agenda_of_gone", "DELETE", SOMEBODYS.format(row="old")),
)
# Rows that are there are locked while they are read; what changes later has the trigger.
FILL = f"""
    WITH batch AS MATERIALIZED (
        SELECT id, assignee_ids, due_first, status_category, deleted_at
        FROM tasks WHERE id > :after ORDER BY id LIMIT :size FOR SHARE
    ),
    written AS (
        INSERT INTO task_agenda (user_id, due_first, task_id)
        SELECT DISTINCT user_id, due_first, id FROM batch, unnest(assignee_ids) AS user_id
        WHERE {OPEN.format(row="batch")}
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
"""  # noqa: S608 - of a text of ours


def upgrade() -> None:
    op.create_table(
        "task_agenda",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_first", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "due_first", "task_id", name=op.f("pk_task_agenda")),
        if_not_exists=True,
    )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(KEEP_TASK_AGENDA.format(schema=schema, is_open=OPEN.format(row="new")))
    for name, event, when in TRIGGERS:
        op.execute(
            f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON tasks FOR EACH ROW WHEN ({when})"
            " EXECUTE FUNCTION keep_task_agenda()"
        )
    with op.get_context().autocommit_block():
        _fill()
        op.execute("ANALYZE task_agenda")


def downgrade() -> None:
    for name, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON tasks")
    op.execute("DROP FUNCTION IF EXISTS keep_task_agenda")
    op.drop_table("task_agenda", if_exists=True)


def _fill() -> None:
    """In steps, each as long as its tasks are locked: who changes one of them waits for so long."""
    connection, after = op.get_bind(), "00000000-0000-0000-0000-000000000000"
    statement = sa.text(FILL).bindparams(sa.bindparam("after", type_=sa.Uuid(as_uuid=False)))
    while after is not None:
        after = connection.scalar(statement, {"after": after, "size": BATCH})
