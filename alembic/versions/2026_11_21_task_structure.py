"""Links between tasks, checklists, and the keys that tasks had before they moved to another project.

A trigger keeps the keys, so that processes of the version before, which know nothing of them, leave them too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_links()
    _create_checklists()
    _create_former_keys()


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_former_task_keys ON tasks")
    op.execute("DROP FUNCTION keep_former_task_keys")
    for table in ("former_task_keys", "checklist_items", "task_links"):
        op.drop_table(table)


def _create_links() -> None:
    op.create_table(
        "task_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("type IN ('blocks', 'relates_to', 'duplicates')", name=op.f("ck_task_links_type")),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_task_links_two_tasks")),
        sa.ForeignKeyConstraint(["source_id"], ["tasks.id"], name=op.f("fk_task_links_source_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["tasks.id"], name=op.f("fk_task_links_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_links")),
    )
    op.create_index(
        "uq_task_links_pair",
        "task_links",
        [sa.text("least(source_id, target_id)"), sa.text("greatest(source_id, target_id)"), "type"],
        unique=True,
    )
    op.create_index("ix_task_links_source_id", "task_links", ["source_id", "type", "target_id"])
    op.create_index("ix_task_links_target_id", "task_links", ["target_id", "type", "source_id"])


def _create_checklists() -> None:
    op.create_table(
        "checklist_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_checklist_items_task_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_items")),
        sa.UniqueConstraint(
            "task_id",
            "position",
            name=op.f("uq_checklist_items_position"),
            deferrable=True,
            initially="IMMEDIATE",
        ),
    )


def _create_former_keys() -> None:
    op.create_table(
        "former_task_keys",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_former_task_keys_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_former_task_keys_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "number", name=op.f("pk_former_task_keys")),
    )
    op.create_index("ix_former_task_keys_task_id", "former_task_keys", ["task_id"])
    # By its schema, for pg_restore fills tables with an empty search path.
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(
        f"CREATE FUNCTION keep_former_task_keys() RETURNS trigger LANGUAGE plpgsql AS $$ {_KEEP} $$".format(
            schema=schema
        )
    )
    op.execute(
        "CREATE TRIGGER keep_former_task_keys AFTER UPDATE OF project_id ON tasks"
        " FOR EACH ROW WHEN (old.project_id <> new.project_id) EXECUTE FUNCTION keep_former_task_keys()"
    )


_KEEP = """
    BEGIN
        INSERT INTO {schema}.former_task_keys (project_id, number, task_id)
        VALUES (old.project_id, old.number, old.id);
        RETURN NULL;
    END
"""
