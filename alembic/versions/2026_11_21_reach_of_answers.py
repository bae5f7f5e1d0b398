"""The projects that a kept answer is about.

Answers are kept for a day: those of before have none, and no API token for some projects gets them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idempotent_answers", sa.Column("project_ids", sa.ARRAY(sa.Uuid()), nullable=True))


def downgrade() -> None:
    op.drop_column("idempotent_answers", "project_ids")
