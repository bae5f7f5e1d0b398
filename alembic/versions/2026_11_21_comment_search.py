"""What is said of tasks is found: `comment_search` has a document for each comment, and a trigger keeps it.

Processes of the version before write comments as before, and the trigger their documents. Begun again after a failure,
it writes only the documents that are missing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BATCH = 500
# By their schema, for pg_restore fills tables with an empty search path.
KEEP_COMMENT_SEARCH = """
    CREATE OR REPLACE FUNCTION keep_comment_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op = 'DELETE' THEN
            DELETE FROM {schema}.comment_search WHERE comment_id = old.id;
        ELSE
            INSERT INTO {schema}.comment_search (comment_id, task_id, document)
            VALUES (new.id, new.task_id, {schema}.search_document(NULL, new.body))
            ON CONFLICT (comment_id) DO UPDATE SET task_id = excluded.task_id, document = excluded.document;
        END IF;
        RETURN NULL;
    END
    $$
"""
# Rows that are there are locked while they are read; what changes later has the trigger.
FILL = """
    WITH batch AS MATERIALIZED (
        SELECT id, task_id, body FROM comments WHERE id > :after ORDER BY id LIMIT :size FOR SHARE
    ),
    written AS (
        INSERT INTO comment_search (comment_id, task_id, document)
        SELECT id, task_id, search_document(NULL, body) FROM batch
        WHERE NOT EXISTS (SELECT FROM comment_search WHERE comment_id = batch.id)
        ON CONFLICT (comment_id) DO NOTHING
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
"""


def upgrade() -> None:
    op.create_table(
        "comment_search",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_comment_search")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_comment_search_document", "comment_search", ["document"], postgresql_using="gin", if_not_exists=True
    )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(KEEP_COMMENT_SEARCH.format(schema=schema))
    op.execute(
        "CREATE OR REPLACE TRIGGER keep_comment_search AFTER INSERT OR DELETE OR UPDATE OF task_id, body"
        " ON comments FOR EACH ROW EXECUTE FUNCTION keep_comment_search()"
    )
    with op.get_context().autocommit_block():
        _fill()
        op.execute("ANALYZE comment_search")


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS keep_comment_search ON comments")
    op.execute("DROP FUNCTION IF EXISTS keep_comment_search")
    op.drop_table("comment_search", if_exists=True)


def _fill() -> None:
    """In steps, each as long as its comments are locked: who changes one of them waits for so long."""
    connection, after = op.get_bind(), "00000000-0000-0000-0000-000000000000"
    statement = sa.text(FILL).bindparams(sa.bindparam("after", type_=sa.Uuid(as_uuid=False)))
    while after is not None:
        after = connection.scalar(statement, {"after": after, "size": BATCH})
