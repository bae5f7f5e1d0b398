"""On PostgreSQL 15 and 16, `reading_order` names the collation it needs by its schema.

There the function was made with a `pg_c_utf8` of ours, found along the search path: pg_restore fills tables with an
empty one, and would fail. ICU's root collation stands in the system's own schema, and its lower case is the same.
PostgreSQL 17 and newer have `pg_c_utf8` there, and are left alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FIRST_WITH_BUILTIN_COLLATION = 170_000
READING_ORDER = r"""
CREATE OR REPLACE FUNCTION reading_order(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT left(
    regexp_replace(
        regexp_replace(
            CASE
                WHEN octet_length(value) = char_length(value) THEN lower(value COLLATE "C") COLLATE "C"
                ELSE replace(replace(replace(
                    translate(
                        regexp_replace(
                            lower(normalize(value, NFKD) COLLATE {collation}) COLLATE "C", '[\u0300-\u036f]+', '', 'g'
                        ),
                        'øđłðıħŧς',
                        'odldihtσ'
                    ),
                    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe') COLLATE "C"
            END,
            '([0-9]+)', '00000000000000\1', 'g'
        ),
        '0*([0-9]{{15,}})', '\1', 'g'
    ),
    200
)
$$
"""  # noqa: RUF001 - the letters are meant


def upgrade() -> None:
    replace_by('pg_catalog."und-x-icu"')


def downgrade() -> None:
    replace_by("pg_c_utf8")


def replace_by(collation: str) -> None:
    if int(op.get_bind().scalar(sa.text("SHOW server_version_num"))) < FIRST_WITH_BUILTIN_COLLATION:
        op.execute(READING_ORDER.format(collation=collation))
