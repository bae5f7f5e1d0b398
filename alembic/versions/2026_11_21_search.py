"""Text is found by the words inside names, paths and addresses, without accents, and by pairs of signs.

`task_search` keeps its table, column and index: every stem that it had before is in the new documents, so processes of
the version before go on finding; words with accents or dots in them they miss until they are replaced. Begun again
after a failure, it writes only the documents that are old.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BATCH = 500
FIRST_WITH_BUILTIN_COLLATION = 170_000
# Written without blanks between words: Thai to Myanmar, Khmer, kana, bopomofo, Han and Hangul.
SIGNS = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
# Letters and digits by Unicode's rules, and the vowel signs of scripts from Devanagari on, which are part of a word.
APART = r"[^[:alnum:]\u0900-\u0963\u0966-\u109f\u1780-\u17ff]+"
MARKS = r"[\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u0640\u064b-\u065f\u0670]+"
# Words with one blank between two, case kept; a sign is a word of its own. ASCII needs none of the other steps.
SEARCH_WORDS = r"""
    CREATE OR REPLACE FUNCTION search_words(value text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    BEGIN
        IF octet_length(value) = char_length(value) THEN
            RETURN btrim(regexp_replace(value COLLATE "C", '[^A-Za-z0-9]+', ' ', 'g'));
        END IF;
        value := regexp_replace(left(normalize(value, NFKD), 200000) COLLATE "C", '{marks}', '', 'g');
        value := translate(value, 'øđłðıħŧØĐŁÐĦŦ', 'odldihtODLDHT');
        value := replace(replace(replace(value, 'ß', 'ss'), 'æ', 'ae'), 'Æ', 'Ae');
        value := normalize(replace(replace(value, 'œ', 'oe'), 'Œ', 'Oe'), NFC);
        value := regexp_replace(value COLLATE "C", '([{signs}])', ' \1 ', 'g');
        RETURN btrim(regexp_replace(value COLLATE {collation}, '{apart}', ' ', 'g') COLLATE "C");
    END
    $$
"""
# Some collations end a word with the one, and some with the other.
LOWERED = """translate(lower({words} COLLATE {collation}) COLLATE "C", 'ς', 'σ')"""  # noqa: RUF001 - the letter is meant
# Words, their parts where case or digits show them (both at the word's place), and pairs of signs: each as it is and as
# its stem. 200,000 bytes of words give at most 900 KB, and PostgreSQL takes a megabyte.
SEARCH_VECTOR = r"""
    CREATE OR REPLACE FUNCTION search_vector(value text, weight text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        written text := {schema}.search_words(left(value, 100000));
        lowered text;
        found text;
    BEGIN
        IF octet_length(written) > 200000 THEN
            written := left(written, 200000 / (octet_length(written) / char_length(written) + 1));
        END IF;
        lowered := {lowered_written};
        SELECT string_agg(
            token || place
                || coalesce(' ' || nullif((ts_lexize('pg_catalog.english_stem', token))[1], token) || place, ''), ' ')
        INTO found
        FROM (
            SELECT left(word, 100) AS token, ':' || place || weight AS place
            FROM unnest(string_to_array(lowered, ' ')) WITH ORDINALITY AS words (word, place)
        ) AS tokens;
        IF written COLLATE "C" ~ '{seam}' THEN
            SELECT concat_ws(' ', found, string_agg(
                token || place
                    || coalesce(' ' || nullif((ts_lexize('pg_catalog.english_stem', token))[1], token) || place, ''), ' '))
            INTO found
            FROM (
                SELECT lower(part COLLATE {collation}) COLLATE "C" AS token, ':' || place || weight AS place
                FROM unnest(string_to_array(written, ' ')) WITH ORDINALITY AS words (word, place),
                    string_to_table({parts}, ' ') AS part
                WHERE word COLLATE "C" ~ '{seam}' AND char_length(part) > 1
            ) AS tokens;
        END IF;
        IF octet_length(written) > char_length(written) AND written COLLATE "C" ~ '[{signs}]' THEN
            SELECT concat_ws(' ', found, string_agg(concat(word, next, ':', place, weight), ' '))
            INTO found
            FROM (
                SELECT word, place, lead(word) OVER (ORDER BY place) AS next
                FROM unnest(string_to_array(lowered, ' ')) WITH ORDINALITY AS words (word, place)
            ) AS signs
            WHERE word COLLATE "C" ~ '^[{signs}]$' AND next COLLATE "C" ~ '^[{signs}]$';
        END IF;
        RETURN found::tsvector;
    END
    $$
"""
SEAM = "[a-z][A-Z]|[A-Z]{2}[a-z]|[A-Za-z][0-9]|[0-9][A-Za-z]"
PARTS = r"""
    regexp_replace(
        regexp_replace(left(word, 100) COLLATE "C", '([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])', '\1\2 ', 'g'),
        '([A-Za-z])(?=[0-9])|([0-9])(?=[A-Za-z])', '\1\2 ', 'g'
    )
"""
SEARCH_DOCUMENT = """
    CREATE OR REPLACE FUNCTION search_document(title text, body text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    BEGIN
        RETURN coalesce({schema}.search_vector(title, 'A'), '') || coalesce({schema}.search_vector(body, 'B'), '');
    END
    $$
"""
# What a person types: words are all wanted, `or` stands between two ways, `-` before what is not wanted, quotes around
# words in this order; so are words joined by anything but blanks. Stop words are left out where there are others.
# The last word may be unfinished.
SEARCH_QUERY = r"""
    CREATE OR REPLACE FUNCTION search_query(value text, typing boolean DEFAULT true) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        item record;
        asked text;
        stops text;
        wanted text;
        unwanted text;
        ways text;
    BEGIN
        FOR item IN
            SELECT piece[1] = '-' AS is_unwanted,
                {schema}.search_words(coalesce(piece[2], piece[3])) AS words,
                piece[1] = '' AND lower(piece[3] COLLATE "C") IS NOT DISTINCT FROM 'or' AND number > 1 AS is_or,
                piece[2] IS NULL AND number = count(*) OVER () AS may_be_unfinished
            FROM regexp_matches(translate(value, '“”„', repeat('"', 3)), '(-?)(?:"([^"]*)"?|([^\s"]+))', 'g')
                WITH ORDINALITY AS items (piece, number)
            ORDER BY number
        LOOP
            IF item.is_or AND NOT item.may_be_unfinished THEN
                ways := concat_ws(' | ', ways, nullif(concat_ws(' & ', coalesce(wanted, stops), unwanted), ''));
                wanted := NULL;
                unwanted := NULL;
                stops := NULL;
                CONTINUE;
            END IF;
            asked := {schema}.search_terms(item.words, typing AND item.may_be_unfinished AND NOT item.is_unwanted);
            CONTINUE WHEN asked IS NULL;
            IF item.is_unwanted THEN
                unwanted := concat_ws(' & ', unwanted, '!' || asked);
            ELSIF ts_lexize('pg_catalog.english_stem', lower(item.words COLLATE "C")) = '{{}}' THEN
                stops := concat_ws(' & ', stops, asked);
            ELSE
                wanted := concat_ws(' & ', wanted, asked);
            END IF;
        END LOOP;
        RETURN coalesce(
            concat_ws(' | ', nullif(ways, ''), nullif(concat_ws(' & ', coalesce(wanted, stops), unwanted), '')), ''
        )::tsquery;
    END
    $$
"""
# One item of a query: its words in this order, each by its stem where it has one.
SEARCH_TERMS = r"""
    CREATE OR REPLACE FUNCTION search_terms(words text, unfinished boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        given text[] := string_to_array({lowered_words}, ' ');
        last integer := cardinality(given);
        term record;
        asked text;
        place integer;
    BEGIN
        FOR term IN
            SELECT number,
                CASE
                    WHEN is_sign AND lead(is_sign) OVER in_order THEN word || lead(word) OVER in_order
                    WHEN is_sign AND lag(is_sign) OVER in_order THEN NULL  -- the second of the pair before
                    ELSE left(word, 100)
                END AS token,
                is_sign
            FROM (
                SELECT word, number, octet_length(word) > 1 AND word COLLATE "C" ~ '^[{signs}]$' AS is_sign
                FROM unnest(given) WITH ORDINALITY AS words (word, number)
            ) AS signs
            WINDOW in_order AS (ORDER BY number)
            ORDER BY number
        LOOP
            CONTINUE WHEN term.token IS NULL;
            asked := concat(
                asked, ' <' || term.number - place || '> ',
                CASE
                    WHEN unfinished AND term.number = last AND NOT term.is_sign AND char_length(term.token) > 1 THEN
                        format(
                            '(%s | %s:*)',
                            coalesce((ts_lexize('pg_catalog.english_stem', term.token))[1], term.token), term.token
                        )
                    ELSE coalesce((ts_lexize('pg_catalog.english_stem', term.token))[1], term.token)
                END
            );
            place := term.number;
        END LOOP;
        RETURN '(' || asked || ')';
    END
    $$
"""
FILL = """
    WITH batch AS MATERIALIZED (
        SELECT id, title, description FROM tasks WHERE id > :after ORDER BY id LIMIT :size FOR SHARE
    ),
    documents AS MATERIALIZED (SELECT id, {document}(title, description) AS document FROM batch),
    written AS (
        UPDATE task_search SET document = documents.document FROM documents
        WHERE task_search.task_id = documents.id AND task_search.document <> documents.document
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
"""
KEEP_TASK_SEARCH = """
    CREATE OR REPLACE FUNCTION keep_task_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op = 'INSERT' THEN
            INSERT INTO {schema}.task_search (task_id, project_id, document)
            VALUES (new.id, new.project_id, {schema}.{document}(new.title, new.description));
        ELSIF tg_op = 'UPDATE' THEN
            UPDATE {schema}.task_search
            SET project_id = new.project_id, document = {schema}.{document}(new.title, new.description)
            WHERE task_id = new.id;
        ELSE
            DELETE FROM {schema}.task_search WHERE task_id = old.id;
        END IF;
        RETURN NULL;
    END
    $$
"""
KEEP_PROJECT_SEARCH = """
    CREATE OR REPLACE FUNCTION keep_project_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF tg_op = 'DELETE' THEN
            DELETE FROM {schema}.project_search WHERE project_id = old.id;
        ELSE
            INSERT INTO {schema}.project_search (project_id, document)
            VALUES (new.id, {schema}.search_document(new.key || ' ' || new.name, new.description))
            ON CONFLICT (project_id) DO UPDATE SET document = excluded.document;
        END IF;
        RETURN NULL;
    END
    $$
"""
# Rows that are there are locked while they are read; what changes later has the trigger.
FILL_PROJECTS = """
    WITH found AS MATERIALIZED (SELECT id, key, name, description FROM projects ORDER BY id FOR SHARE)
    INSERT INTO project_search (project_id, document)
    SELECT id, search_document(key || ' ' || name, description) FROM found
    ON CONFLICT (project_id) DO NOTHING
"""


def upgrade() -> None:
    for function in (SEARCH_WORDS, SEARCH_VECTOR, SEARCH_DOCUMENT, SEARCH_TERMS, SEARCH_QUERY):
        op.execute(_written(function))
    op.execute(_written(KEEP_TASK_SEARCH, document="search_document"))
    op.create_table(
        "project_search",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_search")),
        if_not_exists=True,
    )
    op.execute(_written(KEEP_PROJECT_SEARCH))
    op.execute(
        "CREATE OR REPLACE TRIGGER keep_project_search AFTER INSERT OR DELETE OR UPDATE OF name, description"
        " ON projects FOR EACH ROW EXECUTE FUNCTION keep_project_search()"
    )
    with op.get_context().autocommit_block():
        op.execute(FILL_PROJECTS)
        _fill("search_document")
        op.execute("ANALYZE task_search, project_search")


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS keep_project_search ON projects")
    op.execute("DROP FUNCTION IF EXISTS keep_project_search")
    op.drop_table("project_search", if_exists=True)
    op.execute(_written(KEEP_TASK_SEARCH, document="task_search_document"))
    with op.get_context().autocommit_block():
        _fill("task_search_document")
    for function in ("search_query", "search_terms", "search_document", "search_vector", "search_words"):
        op.execute(f"DROP FUNCTION {function}")


def _fill(document: str) -> None:
    """In steps, each as long as its tasks are locked: who changes one of them waits for so long."""
    connection, after = op.get_bind(), "00000000-0000-0000-0000-000000000000"
    statement = sa.text(FILL.format(document=document)).bindparams(sa.bindparam("after", type_=sa.Uuid(as_uuid=False)))
    while after is not None:
        after = connection.scalar(statement, {"after": after, "size": BATCH})


def _written(function: str, **names: str) -> str:
    connection = op.get_bind()
    newer = int(connection.scalar(sa.text("SHOW server_version_num"))) >= FIRST_WITH_BUILTIN_COLLATION
    names["collation"] = "pg_catalog.pg_c_utf8" if newer else 'pg_catalog."und-x-icu"'
    names["lowered_written"] = LOWERED.format(words="written", **names)
    names["lowered_words"] = LOWERED.format(words="words", **names)
    # By their schema, for pg_restore fills tables with an empty search path.
    names["schema"] = connection.scalar(sa.text("SELECT quote_ident(current_schema())"))
    return function.format(signs=SIGNS, apart=APART, marks=MARKS, seam=SEAM, parts=PARTS, **names)
