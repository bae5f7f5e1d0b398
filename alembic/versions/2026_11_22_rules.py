"""Rules of projects, and what they did."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS rules (
            id uuid NOT NULL CONSTRAINT pk_rules PRIMARY KEY,
            project_id uuid NOT NULL
                CONSTRAINT fk_rules_project_id REFERENCES projects (id) ON DELETE CASCADE,
            name text NOT NULL,
            is_active boolean NOT NULL DEFAULT true,
            position integer NOT NULL,
            kinds text[] NOT NULL,
            filter text NOT NULL,
            actions jsonb NOT NULL,
            created_by uuid NOT NULL CONSTRAINT fk_rules_created_by REFERENCES users (id),
            owner_id uuid NOT NULL CONSTRAINT fk_rules_owner_id REFERENCES users (id),
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version integer NOT NULL DEFAULT 1
        )
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_rules_project_id ON rules (project_id)")
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS rule_runs (
            rule_id uuid NOT NULL CONSTRAINT fk_rule_runs_rule_id REFERENCES rules (id) ON DELETE CASCADE,
            change_id uuid NOT NULL,
            id uuid NOT NULL CONSTRAINT uq_rule_runs_id UNIQUE,
            kind text NOT NULL,
            task_id uuid NOT NULL,
            state text NOT NULL,
            depth integer NOT NULL,
            code text,
            detail text,
            action integer,
            at timestamptz NOT NULL,
            CONSTRAINT pk_rule_runs PRIMARY KEY (rule_id, change_id)
        )
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_rule_runs_of_rule ON rule_runs (rule_id, id)")


def downgrade() -> None:
    op.drop_table("rule_runs", if_exists=True)
    op.drop_table("rules", if_exists=True)
    op.execute("DELETE FROM consumers WHERE name = 'rules'")
