"""When mails were sent, by whom and to whom: what bounds them over all projects and accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_limits",
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_mail_limits")),
    )
    op.create_index("ix_mail_limits_last_sent_at", "mail_limits", ["last_sent_at"])


def downgrade() -> None:
    op.drop_table("mail_limits")
