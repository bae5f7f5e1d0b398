"""Tasks are merged, made from templates, and mention people.

A comment that goes to another task keeps its search document, which its words alone decide. Processes of the version
before write comments and tasks as before: what they know nothing of is empty unless somebody says otherwise.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEEP_COMMENT_SEARCH = """
    CREATE OR REPLACE FUNCTION keep_comment_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op = 'DELETE' THEN
            DELETE FROM {schema}.comment_search WHERE comment_id = old.id;
        {moved}ELSE
            INSERT INTO {schema}.comment_search (comment_id, task_id, document)
            VALUES (new.id, new.task_id, {schema}.search_document(NULL, new.body))
            ON CONFLICT (comment_id) DO UPDATE SET task_id = excluded.task_id, document = excluded.document;
        END IF;
        RETURN NULL;
    END
    $$
"""
MOVED = """ELSIF tg_op = 'UPDATE' AND new.body = old.body THEN
            UPDATE {schema}.comment_search SET task_id = new.task_id WHERE comment_id = new.id;
        """


def upgrade() -> None:
    _keep_comment_search(MOVED)
    op.add_column(
        "tasks",
        sa.Column("mentions", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'::uuid[]"), nullable=False),
    )
    op.create_table(
        "task_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "priority",
            postgresql.ENUM(name="task_priority", create_type=False),
            server_default=sa.text("'none'::task_priority"),
            nullable=False,
        ),
        sa.Column("estimate", sa.Float(), nullable=True),
        sa.Column("due_in_days", sa.Integer(), nullable=True),
        sa.Column("assignee_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'::uuid[]"), nullable=False),
        sa.Column("label_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'::uuid[]"), nullable=False),
        sa.Column("fields", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("checklist", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("subtasks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_task_templates_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_templates")),
    )
    op.create_index("uq_task_templates_name", "task_templates", ["project_id", sa.text("lower(name)")], unique=True)


def downgrade() -> None:
    op.drop_table("task_templates")
    op.drop_column("tasks", "mentions")
    _keep_comment_search("")


def _keep_comment_search(moved: str) -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(KEEP_COMMENT_SEARCH.format(schema=schema, moved=moved.format(schema=schema)))
