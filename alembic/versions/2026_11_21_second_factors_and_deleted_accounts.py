"""Second factors, accounts without an address once they are deleted, and what one person did."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_second_factors_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["second_factors.user_id"], name=op.f("fk_recovery_codes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.alter_column("users", "email", nullable=True)
    # The log is the largest table: building this index must not stop anybody from writing to it.
    with op.get_context().autocommit_block():
        op.create_index("ix_events_actor", "events", ["actor_id", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_events_actor", table_name="events", postgresql_concurrently=True)
    # Deleted accounts had given their addresses back; a unique one that reaches nobody takes the place.
    op.execute("UPDATE users SET email = id || '@deleted.invalid' WHERE email IS NULL")
    op.alter_column("users", "email", nullable=False)
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
