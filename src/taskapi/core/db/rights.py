"""What our role may do in the database: a right that is missing is one line at the start, not a 500 later."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from taskapi.core.db.failures import cause_of
from taskapi.core.refused import Refused
from taskapi.models import Base

# Ours alone: others may have put tables of theirs beside them. Nobody changes the change log. The sequence of a
# `serial` column ('a' in pg_depend) needs a right of its own, which that of an identity column does not.
_LACKING: Final = text("""
    SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND (nspname = current_schema() AND relname = ANY(:ours) OR nspname = 'jobs')
      AND NOT (
        has_schema_privilege(relnamespace, 'USAGE')
        AND has_table_privilege(pg_class.oid, 'SELECT') AND has_table_privilege(pg_class.oid, 'INSERT')
        AND (relname = 'events' OR
             has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE')))
      OR relkind = 'S' AND nspname = 'jobs'
      AND EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'a')
      AND NOT (has_schema_privilege(relnamespace, 'USAGE') AND has_sequence_privilege(pg_class.oid, 'USAGE'))
    ORDER BY 1
""")
_SHOWN: Final = 3
# No privilege; and no schema, which is what a role is told that may use none.
_REFUSALS: Final = {"42501", "3F000"}


async def lacking(connection: AsyncConnection) -> list[str]:
    """The tables and sequences that this role may not use."""
    return list((await connection.scalars(_LACKING, {"ours": list(Base.metadata.tables)})).all())


def complaint(tables: list[str], url: str) -> str:
    shown = ", ".join(tables[:_SHOWN]) + (f" and {len(tables) - _SHOWN} more" if len(tables) > _SHOWN else "")
    return f"{_role(url)} may not read and write {shown}: {_serving_remedy(url)}"


@contextmanager
def required_to_serve(url: str) -> Iterator[None]:
    """Raises Refused where what is inside lacks a right."""
    with _refusing(url, _serving_remedy(url)):
        yield


@contextmanager
def required_to_migrate(url: str) -> Iterator[None]:
    """Raises Refused where what is inside lacks a right."""
    database = make_url(url).database or "…"
    with _refusing(url, f'let it own the database (ALTER DATABASE "{database}" OWNER TO …), or migrate as its owner'):
        yield


@contextmanager
def _refusing(url: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError) as error:
        cause = cause_of(error)
        if not isinstance(cause, asyncpg.PostgresError) or cause.sqlstate not in _REFUSALS:
            raise
        reason = str(cause).splitlines()[0]
        raise Refused(f"{_role(url)} lacks a right in the database ({reason}): {remedy}", exit_code=1) from error


def _serving_remedy(url: str) -> str:
    role = make_url(url).username or "…"
    return (
        f'connect as the role that migrates, or GRANT USAGE ON SCHEMA public, jobs TO "{role}" and '
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, jobs TO "{role}" and '
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO "{role}"'
    )


def _role(url: str) -> str:
    role = make_url(url).username
    return f"the role {role}" if role else "our role"
