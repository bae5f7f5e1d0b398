"""What a member can do in a week."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE members ADD COLUMN IF NOT EXISTS weekly_capacity double precision
            CONSTRAINT ck_members_weekly_capacity CHECK (weekly_capacity > 0)
        """
    )


def downgrade() -> None:
    op.execute("ALTER TABLE members DROP COLUMN IF EXISTS weekly_capacity")
