"""Saved views."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("owner_id IS NOT NULL OR project_id IS NOT NULL", name=op.f("ck_views_seen_by_somebody")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_views_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_views_owner_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_views_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
    )
    op.create_index("ix_views_created_by", "views", ["created_by"])
    op.create_index("ix_views_owner_id", "views", ["owner_id"], postgresql_where=sa.text("owner_id IS NOT NULL"))
    op.create_index("ix_views_project_id", "views", ["project_id"], postgresql_where=sa.text("project_id IS NOT NULL"))


def downgrade() -> None:
    op.drop_table("views")
