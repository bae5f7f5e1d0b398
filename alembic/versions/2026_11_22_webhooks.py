"""Webhooks of projects, and their deliveries."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS webhooks (
            id uuid NOT NULL CONSTRAINT pk_webhooks PRIMARY KEY,
            project_id uuid NOT NULL CONSTRAINT fk_webhooks_project_id REFERENCES projects (id) ON DELETE CASCADE,
            url text NOT NULL,
            events text[] NOT NULL,
            description text,
            is_active boolean NOT NULL DEFAULT true,
            disabled_reason text,
            secret bytea NOT NULL,
            previous_secret bytea,
            old_secret_until timestamptz,
            failing_since timestamptz,
            resting_until timestamptz,
            created_by uuid NOT NULL CONSTRAINT fk_webhooks_created_by REFERENCES users (id),
            created_at timestamptz NOT NULL,
            version integer NOT NULL DEFAULT 1
        )
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_webhooks_project_id ON webhooks (project_id, created_at, id)")
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS webhook_deliveries (
            id uuid NOT NULL CONSTRAINT pk_webhook_deliveries PRIMARY KEY,
            webhook_id uuid NOT NULL,
            change_id uuid,
            kind text NOT NULL,
            status text NOT NULL DEFAULT 'pending'
                CONSTRAINT ck_webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
            created_at timestamptz NOT NULL,
            attempts integer NOT NULL DEFAULT 0,
            attempted_at timestamptz,
            next_attempt_at timestamptz,
            taken_until timestamptz,
            duration_ms integer,
            error text,
            sent_headers jsonb,
            answer_status integer,
            answer_headers jsonb,
            answer_body text,
            answer_is_cut boolean NOT NULL DEFAULT false
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX IF NOT EXISTS uq_webhook_deliveries_change ON webhook_deliveries (webhook_id, change_id)"
    )
    op.execute(
        "CREATE INDEX IF NOT EXISTS ix_webhook_deliveries_newest ON webhook_deliveries (webhook_id, created_at, id)"
    )
    op.execute(
        """
        CREATE INDEX IF NOT EXISTS ix_webhook_deliveries_waiting
        ON webhook_deliveries (webhook_id, next_attempt_at, id) WHERE status = 'pending'
        """
    )
    op.execute(
        """
        CREATE INDEX IF NOT EXISTS ix_webhook_deliveries_failed
        ON webhook_deliveries (webhook_id, created_at, id) WHERE status = 'failed'
        """
    )


def downgrade() -> None:
    op.drop_table("webhook_deliveries", if_exists=True)
    op.drop_table("webhooks", if_exists=True)
