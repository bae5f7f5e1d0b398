"""The documents of full text search cost a third less, and are the same.

A text is split once and not for each thing that is looked for in it: stems are asked for words that can have one, and
the seams inside words (`HttpServer`, `view1`) are found in the whole text, by one pattern, where it has any. Nothing is
written anew, and going back needs nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FIRST_WITH_BUILTIN_COLLATION = 170_000
# Written without blanks between words: Thai to Myanmar, Khmer, kana, bopomofo, Han and Hangul.
SIGNS = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
# Letters and digits by Unicode's rules, and the vowel signs of scripts from Devanagari on, which are part of a word.
APART = r"[^[:alnum:]\u0900-\u0963\u0966-\u109f\u1780-\u17ff]+"
MARKS = r"[\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u0640\u064b-\u065f\u0670]+"
# As before, but that a single blank of an ASCII text, which most gaps between words are, is not replaced by itself.
SEARCH_WORDS = r"""
    CREATE OR REPLACE FUNCTION search_words(value text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    BEGIN
        IF octet_length(value) = char_length(value) THEN
            RETURN btrim(regexp_replace(value COLLATE "C", '[^A-Za-z0-9]{{2,}}|[^A-Za-z0-9 ]', ' ', 'g'));
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
# Words, their parts where case or digits show them (both at the word's place), and pairs of signs: each as it is and as
# its stem. 200,000 bytes of words give at most 900 KB, and PostgreSQL takes a megabyte. No word has an underscore, so
# that one can stand where a word has a seam.
SEARCH_VECTOR = r"""
    CREATE OR REPLACE FUNCTION search_vector(value text, weight text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        written text := {schema}.search_words(left(value, 100000));
        is_ascii boolean := octet_length(written) = char_length(written);
        has_seams boolean := written COLLATE "C" ~ '[a-z][A-Z]|[A-Z]{{2}}[a-z]|[A-Za-z][0-9]|[0-9][A-Za-z]';
        found text;
        parts text;
        pairs text;
    BEGIN
        IF octet_length(written) > 200000 THEN
            written := rtrim(left(written, 200000 / (octet_length(written) / char_length(written) + 1)));
        END IF;
        IF octet_length(written) > 100 AND written COLLATE "C" ~ '[^ ]{{101}}' THEN
            written := regexp_replace(written COLLATE "C", '([^ ]{{100}})[^ ]+', '\1', 'g');
        END IF;
        IF has_seams THEN
            written := regexp_replace(
                written COLLATE "C",
                '(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])', '_', 'g'
            );
        END IF;
        IF is_ascii THEN
            written := lower(written COLLATE "C");
        ELSE
            written := translate(lower(written COLLATE {collation}) COLLATE "C", 'ς', 'σ');
        END IF;
        IF has_seams THEN
            SELECT string_agg({token_of_part}, ' ')
            INTO parts
            FROM string_to_table(written, ' ') WITH ORDINALITY AS words (word, place), string_to_table(word, '_') AS part
            WHERE strpos(word, '_') > 0 AND char_length(part) > 1;
            written := replace(written, '_', '');
        END IF;
        SELECT string_agg({token_of_word}, ' ')
        INTO found
        FROM string_to_table(written, ' ') WITH ORDINALITY AS words (word, place);
        IF NOT is_ascii AND written COLLATE "C" ~ '[{signs}]' THEN
            SELECT string_agg(concat(word, next, ':', place), ' ')
            INTO pairs
            FROM (
                SELECT word, place, lead(word) OVER (ORDER BY place) AS next
                FROM string_to_table(written, ' ') WITH ORDINALITY AS words (word, place)
            ) AS signs
            WHERE word COLLATE "C" ~ '^[{signs}]$' AND next COLLATE "C" ~ '^[{signs}]$';
        END IF;
        IF parts IS NOT NULL OR pairs IS NOT NULL THEN
            found := concat_ws(' ', found, parts, pairs);
        END IF;
        RETURN setweight(found::tsvector, weight::"char");
    END
    $$
"""  # noqa: RUF001 - the letter is meant
# What is as short as two letters has no stem but itself.
OF_ONE = """
    {0} || ':' || place || CASE WHEN octet_length({0}) > 2 THEN
        coalesce(' ' || nullif((ts_lexize('pg_catalog.english_stem', {0}))[1], {0}) || ':' || place, '')
    ELSE '' END
"""


def upgrade() -> None:
    connection = op.get_bind()
    newer = int(connection.scalar(sa.text("SHOW server_version_num"))) >= FIRST_WITH_BUILTIN_COLLATION
    names = {
        "collation": "pg_catalog.pg_c_utf8" if newer else 'pg_catalog."und-x-icu"',
        # By its schema, for pg_restore fills tables with an empty search path.
        "schema": connection.scalar(sa.text("SELECT quote_ident(current_schema())")),
        "token_of_word": OF_ONE.format("word"),
        "token_of_part": OF_ONE.format("part"),
    }
    for function in (SEARCH_WORDS, SEARCH_VECTOR):
        op.execute(function.format(signs=SIGNS, apart=APART, marks=MARKS, **names))


def downgrade() -> None:
    """The functions stay: what they make is the same."""
