"""What lists find tasks by besides their row: last change, place on the board, assignees and search text.

Triggers keep the new tables, so that processes of the version before, which know nothing of them, keep them too.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEARCH = "to_tsvector('english'::regconfig, {})"


def upgrade() -> None:
    _create_tables()
    op.execute(_DOCUMENT)
    _keep("task_recency", ("project_id", "updated_at"), _RECENCY)
    _keep("task_places", ("project_id", "status", "rank"), _PLACES)
    _keep("task_assignees", ("project_id", "assignee_ids"), _ASSIGNEES)
    _keep("task_search", ("project_id", "title", "description"), _SEARCH)


def downgrade() -> None:
    for table in ("task_search", "task_assignees", "task_places", "task_recency"):
        op.execute(f"DROP TRIGGER keep_{table} ON tasks")
        op.execute(f"DROP FUNCTION keep_{table}")
        op.drop_table(table)
    op.execute("DROP FUNCTION task_search_document")


def _create_tables() -> None:
    op.create_table(
        "task_recency",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "updated_at", "task_id", name=op.f("pk_task_recency")),
    )
    op.create_table(
        "task_places",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(collation="C"), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "status", "rank", "task_id", name=op.f("pk_task_places")),
    )
    op.create_index("ix_task_places_created", "task_places", ["project_id", "status", "created_at", "task_id"])
    op.create_table(
        "task_assignees",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "project_id", "task_id", name=op.f("pk_task_assignees")),
    )
    op.create_table(
        "task_search",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_search")),
    )


def _keep(table: str, columns: tuple[str, ...], body: str) -> None:
    """A trigger that writes when one of these columns of the task does, and on no other change."""
    # By their schema, for pg_restore fills tables with an empty search path.
    body = body.format(schema=op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())")))
    op.execute(f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(
        f"CREATE TRIGGER keep_{table} AFTER INSERT OR DELETE OR UPDATE OF {', '.join(columns)} ON tasks"
        f" FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
    )


_RECENCY = """
    BEGIN
        IF tg_op = 'INSERT' THEN
            INSERT INTO {schema}.task_recency (project_id, updated_at, task_id)
            VALUES (new.project_id, new.updated_at, new.id);
        ELSIF tg_op = 'UPDATE' THEN
            UPDATE {schema}.task_recency SET project_id = new.project_id, updated_at = new.updated_at
            WHERE project_id = old.project_id AND updated_at = old.updated_at AND task_id = old.id;
        ELSE
            DELETE FROM {schema}.task_recency
            WHERE project_id = old.project_id AND updated_at = old.updated_at AND task_id = old.id;
        END IF;
        RETURN NULL;
    END
"""
_PLACES = """
    BEGIN
        IF tg_op = 'INSERT' THEN
            INSERT INTO {schema}.task_places (project_id, status, rank, task_id, created_at)
            VALUES (new.project_id, new.status, new.rank, new.id, new.created_at);
        ELSIF tg_op = 'UPDATE' THEN
            UPDATE {schema}.task_places SET project_id = new.project_id, status = new.status, rank = new.rank
            WHERE project_id = old.project_id AND status = old.status AND rank = old.rank AND task_id = old.id;
        ELSE
            DELETE FROM {schema}.task_places
            WHERE project_id = old.project_id AND status = old.status AND rank = old.rank AND task_id = old.id;
        END IF;
        RETURN NULL;
    END
"""
_ASSIGNEES = """
    BEGIN
        IF tg_op <> 'INSERT' THEN
            DELETE FROM {schema}.task_assignees
            WHERE user_id = ANY (old.assignee_ids) AND project_id = old.project_id AND task_id = old.id;
        END IF;
        IF tg_op <> 'DELETE' AND new.assignee_ids <> '{{}}' THEN
            INSERT INTO {schema}.task_assignees (user_id, project_id, task_id)
            SELECT DISTINCT user_id, new.project_id, new.id FROM unnest(new.assignee_ids) AS user_id;
        END IF;
        RETURN NULL;
    END
"""
_DOCUMENT = f"""
    CREATE FUNCTION task_search_document(title text, description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight({SEARCH.format("title")}, 'A') || setweight({SEARCH.format("coalesce(description, '')")}, 'B')
"""
_SEARCH = """
    BEGIN
        IF tg_op = 'INSERT' THEN
            INSERT INTO {schema}.task_search (task_id, project_id, document)
            VALUES (new.id, new.project_id, {schema}.task_search_document(new.title, new.description));
        ELSIF tg_op = 'UPDATE' THEN
            UPDATE {schema}.task_search
            SET project_id = new.project_id, document = {schema}.task_search_document(new.title, new.description)
            WHERE task_id = new.id;
        ELSE
            DELETE FROM {schema}.task_search WHERE task_id = old.id;
        END IF;
        RETURN NULL;
    END
"""
