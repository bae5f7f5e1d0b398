"""Imports, and the ids that tasks have in what they were imported from."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS imports (
            id uuid NOT NULL CONSTRAINT pk_imports PRIMARY KEY,
            project_id uuid NOT NULL CONSTRAINT fk_imports_project_id REFERENCES projects (id) ON DELETE CASCADE,
            created_by uuid NOT NULL CONSTRAINT fk_imports_created_by REFERENCES users (id),
            token_id uuid,
            format text NOT NULL,
            source text NOT NULL,
            dry_run boolean NOT NULL DEFAULT false,
            mapping jsonb,
            options jsonb NOT NULL DEFAULT '{}'::jsonb,
            storage_key text,
            size bigint NOT NULL,
            state text NOT NULL DEFAULT 'queued'
                CONSTRAINT ck_imports_state CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
            stage text NOT NULL DEFAULT 'tasks',
            position integer NOT NULL DEFAULT 0,
            progress double precision NOT NULL DEFAULT 0,
            total integer,
            created integer NOT NULL DEFAULT 0,
            updated integer NOT NULL DEFAULT 0,
            skipped integer NOT NULL DEFAULT 0,
            failed integer NOT NULL DEFAULT 0,
            unresolved integer NOT NULL DEFAULT 0,
            problems jsonb NOT NULL DEFAULT '[]'::jsonb,
            problems_total integer NOT NULL DEFAULT 0,
            error jsonb,
            starts integer NOT NULL DEFAULT 0,
            touched_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            finished_at timestamptz,
            version integer NOT NULL DEFAULT 1
        )
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_imports_project ON imports (project_id, created_at, id)")
    op.execute(
        """
        CREATE UNIQUE INDEX IF NOT EXISTS uq_imports_active ON imports (project_id)
        WHERE state IN ('queued', 'running')
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_imports_stored ON imports (touched_at) WHERE storage_key IS NOT NULL")
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS task_external_ids (
            project_id uuid NOT NULL,
            source text NOT NULL,
            external_id text NOT NULL,
            task_id uuid NOT NULL CONSTRAINT fk_task_external_ids_task_id REFERENCES tasks (id) ON DELETE CASCADE,
            digest bytea NOT NULL,
            CONSTRAINT pk_task_external_ids PRIMARY KEY (project_id, source, external_id)
        )
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_task_external_ids_task_id ON task_external_ids (task_id)")


def downgrade() -> None:
    op.drop_table("task_external_ids", if_exists=True)
    op.drop_table("imports", if_exists=True)
