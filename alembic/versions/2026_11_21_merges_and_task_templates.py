"""Comments go to other tasks: each keeps its search document, which its words alone decide."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KEEP_COMMENT_SEARCH = """
    CREATE OR REPLACE FUNCTION keep_comment_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op = 'DELETE' THEN
            DELETE FROM {schema}.comment_search WHERE comment_id = old.id;
        {moved}ELSE
            INSERT INTO {schema}.comment_search (comment_id, task_id, document)
            VALUES (new.id, new.task_id, {schema}.search_document(NULL, new.body))
            ON CONFLICT (comment_id) DO UPDATE SET task_id = excluded.task_id, document = excluded.document;
        END IF;
        RETURN NULL;
    END
    $$
"""
MOVED = """ELSIF tg_op = 'UPDATE' AND new.body = old.body THEN
            UPDATE {schema}.comment_search SET task_id = new.task_id WHERE comment_id = new.id;
        """


def upgrade() -> None:
    _keep_comment_search(MOVED)


def downgrade() -> None:
    _keep_comment_search("")


def _keep_comment_search(moved: str) -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(KEEP_COMMENT_SEARCH.format(schema=schema, moved=moved.format(schema=schema)))
