"""The places that an account was signed in to from, which nobody else can use up the tries of."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_places",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_places_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "place", name=op.f("pk_known_places")),
    )
    op.create_index("ix_known_places_last_used_at", "known_places", ["last_used_at"])


def downgrade() -> None:
    op.drop_table("known_places")
