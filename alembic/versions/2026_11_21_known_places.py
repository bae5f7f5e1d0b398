"""The places that an account was signed in to from; whom a kept answer is about, and what its caller was in a project.

Answers are kept for a day: those of before name no account and no role, and go by themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEX = "ix_idempotent_answers_user_id"


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
    op.add_column("idempotent_answers", sa.Column("user_id", sa.Uuid(), nullable=True))
    op.add_column("idempotent_answers", sa.Column("roles", sa.ARRAY(sa.Text()), nullable=True))
    with op.get_context().autocommit_block():
        op.drop_index(_INDEX, "idempotent_answers", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            _INDEX,
            "idempotent_answers",
            ["user_id"],
            postgresql_where=sa.text("user_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(_INDEX, "idempotent_answers", postgresql_concurrently=True, if_exists=True)
    op.drop_column("idempotent_answers", "roles")
    op.drop_column("idempotent_answers", "user_id")
    op.drop_table("known_places")
