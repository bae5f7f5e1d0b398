"""The rule by which a task comes again, and the unit in which a project estimates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("recurrence", postgresql.JSONB(), nullable=True))
    op.add_column("projects", sa.Column("estimate_unit", sa.Text(), server_default="points", nullable=False))
    op.create_check_constraint(op.f("ck_projects_estimate_unit"), "projects", "estimate_unit IN ('points', 'minutes')")


def downgrade() -> None:
    op.drop_column("projects", "estimate_unit")
    op.drop_column("tasks", "recurrence")
