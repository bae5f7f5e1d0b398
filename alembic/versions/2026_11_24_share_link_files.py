"""Whether a share link shows files, which those from before do not."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE share_links ADD COLUMN IF NOT EXISTS attachments boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE share_links DROP COLUMN IF EXISTS attachments")
