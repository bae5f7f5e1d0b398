"""Calendar feeds."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS feeds (
            id uuid NOT NULL CONSTRAINT pk_feeds PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_feeds_user_id REFERENCES users (id) ON DELETE CASCADE,
            token_hash bytea NOT NULL,
            label text,
            project_id uuid,
            filter text,
            kind text NOT NULL CONSTRAINT ck_feeds_kind CHECK (kind IN ('todo', 'event')),
            created_at timestamptz NOT NULL,
            last_used_at timestamptz,
            version integer NOT NULL DEFAULT 1
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX IF NOT EXISTS uq_feeds_token_hash ON feeds (token_hash)")
    op.execute("CREATE INDEX IF NOT EXISTS ix_feeds_user_id ON feeds (user_id, created_at, id)")


def downgrade() -> None:
    op.drop_table("feeds", if_exists=True)
