"""Files on tasks.

Of which project a file is, triggers keep: processes of the version before move tasks, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # By their schema, for pg_restore fills tables with an empty search path.
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(
        """
        CREATE TABLE attachments (
            id uuid NOT NULL CONSTRAINT pk_attachments PRIMARY KEY,
            task_id uuid NOT NULL CONSTRAINT fk_attachments_task_id REFERENCES tasks (id) ON DELETE CASCADE,
            project_id uuid,
            object_id uuid NOT NULL,
            name text NOT NULL,
            size bigint NOT NULL CONSTRAINT ck_attachments_size CHECK (size >= 0),
            media_type text NOT NULL,
            sha256 text NOT NULL,
            created_by uuid NOT NULL CONSTRAINT fk_attachments_created_by REFERENCES users (id),
            created_at timestamptz NOT NULL,
            version integer NOT NULL DEFAULT 1
        )
        """
    )
    op.execute("CREATE INDEX ix_attachments_task_id ON attachments (task_id, created_at, id) INCLUDE (size)")
    op.execute("CREATE INDEX ix_attachments_object_id ON attachments (object_id)")
    op.execute("CREATE INDEX ix_attachments_project_id ON attachments (project_id) INCLUDE (size)")
    op.execute("CREATE INDEX ix_attachments_created_by ON attachments (created_by, id) INCLUDE (size)")
    for name, body in (("set_attachment_project", _SET), ("keep_attachments_of_task", _OF_TASK)):
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body.format(schema=schema)} $$")
    op.execute(
        "CREATE TRIGGER set_project BEFORE INSERT OR UPDATE OF task_id ON attachments"
        " FOR EACH ROW EXECUTE FUNCTION set_attachment_project()"
    )
    op.execute(
        "CREATE TRIGGER keep_attachments AFTER UPDATE OF project_id ON tasks FOR EACH ROW"
        " WHEN (old.project_id <> new.project_id) EXECUTE FUNCTION keep_attachments_of_task()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_attachments ON tasks")
    op.execute("DROP TABLE attachments")
    op.execute("DROP FUNCTION keep_attachments_of_task()")
    op.execute("DROP FUNCTION set_attachment_project()")


_SET = """
    BEGIN
        SELECT project_id INTO new.project_id FROM {schema}.tasks WHERE id = new.task_id;
        RETURN new;
    END
"""
_OF_TASK = """
    BEGIN
        UPDATE {schema}.attachments SET project_id = new.project_id WHERE task_id = new.id;
        RETURN NULL;
    END
"""
