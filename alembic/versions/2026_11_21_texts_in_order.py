"""Texts sort as people read them: case and accents do not matter, digits count as numbers, on every server.

PostgreSQL's own collations cannot do it everywhere: the embedded server has no ICU, and a database keeps the locale it
was made with. So the order is a text of our own, compared byte by byte: "Äpfel 9" becomes "apfel 000000000000009".
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Decomposed (NFKD), in lower case by Unicode's rules and not by the database's locale, without the marks above and
# below letters; numbers in fifteen digits or more; the first 200 characters. ASCII needs none of the first steps.
READING_ORDER = r"""
CREATE FUNCTION reading_order(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT left(
    regexp_replace(
        regexp_replace(
            CASE
                WHEN octet_length(value) = char_length(value) THEN lower(value COLLATE "C") COLLATE "C"
                ELSE replace(replace(replace(
                    translate(
                        regexp_replace(
                            lower(normalize(value, NFKD) COLLATE pg_c_utf8) COLLATE "C", '[\u0300-\u036f]+', '', 'g'
                        ),
                        'øđłðıħŧς',
                        'odldihtσ'
                    ),
                    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe') COLLATE "C"
            END,
            '([0-9]+)', '00000000000000\1', 'g'
        ),
        '0*([0-9]{15,})', '\1', 'g'
    ),
    200
)
$$
"""  # noqa: RUF001 - the letters are meant
# Not a generated column: PostgreSQL would write a large table anew, and let nobody read it meanwhile.
SET_TITLE_ORDER = """
CREATE FUNCTION set_title_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.title_order := {schema}.reading_order(NEW.title);
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.execute(READING_ORDER)
    # By its schema, for pg_restore fills tables with an empty search path.
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute(SET_TITLE_ORDER.format(schema=schema))
    op.add_column("tasks", sa.Column("title_order", sa.Text(collation="C"), nullable=False, server_default=""))
    op.execute(
        "CREATE TRIGGER title_order BEFORE INSERT OR UPDATE OF title ON tasks"
        " FOR EACH ROW EXECUTE FUNCTION set_title_order()"
    )
    # Of these there are thousands, not millions: written anew in a moment.
    for table, column in (("projects", "name"), ("users", "username")):
        computed = sa.Computed(f"reading_order({column})", persisted=True)
        op.add_column(table, sa.Column(f"{column}_order", sa.Text(collation="C"), computed, nullable=False))


def downgrade() -> None:
    op.drop_column("users", "username_order")
    op.drop_column("projects", "name_order")
    op.execute("DROP TRIGGER title_order ON tasks")
    op.drop_column("tasks", "title_order")
    op.execute("DROP FUNCTION set_title_order")
    op.execute("DROP FUNCTION reading_order")
