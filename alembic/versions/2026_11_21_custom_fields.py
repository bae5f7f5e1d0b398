"""Custom fields of projects, their values in each task, and a narrow table that finds tasks by them.

Triggers keep the table, and none of them is called for a task without such values.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NONE = "'{}'::jsonb"


def upgrade() -> None:
    op.create_table(
        "fields",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("options", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name=op.f("ck_fields_key")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_fields_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fields")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_fields_project_id_key")),
        sa.UniqueConstraint(
            "project_id", "position", name=op.f("uq_fields_position"), deferrable=True, initially="IMMEDIATE"
        ),
    )
    op.create_table(
        "task_fields",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "field", "value", "task_id", name=op.f("pk_task_fields")),
    )
    op.add_column("tasks", sa.Column("fields", postgresql.JSONB(), server_default=sa.text(NONE), nullable=False))
    # By their schema, for pg_restore fills tables with an empty search path.
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    body = _KEEP.format(schema=schema, old=_VALUES.format(row="old"), new=_VALUES.format(row="new"))
    op.execute(f"CREATE FUNCTION keep_task_fields() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    for name, event, has_some in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON tasks FOR EACH ROW WHEN ({has_some})"
            " EXECUTE FUNCTION keep_task_fields()"
        )


def downgrade() -> None:
    for name, _, _ in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON tasks")
    op.execute("DROP FUNCTION keep_task_fields")
    op.drop_column("tasks", "fields")
    op.drop_table("task_fields")
    op.drop_table("fields")


_TRIGGERS = (
    ("keep_task_fields_of_new", "INSERT", f"new.fields <> {NONE}"),
    ("keep_task_fields", "UPDATE OF project_id, fields", f"old.fields <> {NONE} OR new.fields <> {NONE}"),
    ("keep_task_fields_of_gone", "DELETE", f"old.fields <> {NONE}"),
)
_VALUES = """
    SELECT DISTINCT {row}.project_id, named.key, left(item.value, 100), {row}.id
    FROM jsonb_each({row}.fields) AS named (key, content)
    CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE jsonb_typeof(named.content) WHEN 'array' THEN named.content ELSE jsonb_build_array(named.content) END
    ) AS item (value)
"""
_KEEP = """
    BEGIN
        IF tg_op <> 'INSERT' THEN
            DELETE FROM {schema}.task_fields
            WHERE (project_id, field, value, task_id) IN ({old});
        END IF;
        IF tg_op <> 'DELETE' THEN
            INSERT INTO {schema}.task_fields (project_id, field, value, task_id) {new};
        END IF;
        RETURN NULL;
    END
"""
