"""Projects in projects, templates of projects, and what members' own lists show of them: favourites and an order."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("is_favourite", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("members", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("projects", sa.Column("is_template", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("projects", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_projects_parent_id"), "projects", "projects", ["parent_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "ix_projects_parent_id", "projects", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_projects_parent_id", "projects")
    op.drop_constraint(op.f("fk_projects_parent_id"), "projects")
    for table, columns in (("projects", ("parent_id", "is_template")), ("members", ("position", "is_favourite"))):
        for column in columns:
            op.drop_column(table, column)
