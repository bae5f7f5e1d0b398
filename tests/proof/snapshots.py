"""All tables at one moment: what a refused request may not change."""

from typing import Any

_TABLES = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'jobs') ORDER BY 1"
)
# Counting a wrong guess is what a refused request is for.
_MAY_CHANGE = {"public.sign_in_limits"}
# And that it was refused is told, after its transaction: tests/audit/test_refusals.py.
_LEFT_OUT = {"public.events": "WHERE t.kind NOT IN ('user.access_denied', 'api_token.scope_denied')"}


async def snapshot(tables: Any) -> dict[str, tuple[int, str]]:
    """Rows and their hash, by table."""
    names = [row[0] for row in await tables.fetch(_TABLES) if row[0] not in _MAY_CHANGE]
    hashed = " UNION ALL ".join(
        f"SELECT '{name}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
        f" {_LEFT_OUT.get(name, '')}"
        for name in names
    )
    return {name: (count, digest) for name, count, digest in await tables.fetch(hashed)}
