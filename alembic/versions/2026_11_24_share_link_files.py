"""Whether a share link shows files, which those from before do not."""

from alembic import op

revision = "0050"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE share_links ADD COLUMN IF NOT EXISTS attachments boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE share_links DROP COLUMN IF EXISTS attachments")
