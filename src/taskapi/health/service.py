"""What being ready means: the database answers, its schema is not behind, and the process is not about to end."""

import asyncio
import platform

import asyncpg

from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.db.migrations import Standing
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Unavailable
from taskapi.core.parts import Parts
from taskapi.health import queries
from taskapi.health.queries import Readiness
from taskapi.health.schemas import Ready, State

_SECONDS = 2.0
_NO_SCHEMA: Readiness = {"applied": None, "writes": True}


async def readiness(parts: Parts) -> Ready:
    found = await _look(parts.database)
    if found is None:
        return _judged(None, writes=False, draining=parts.leaving.is_set())
    # A standby says so itself; whether there is room only a write finds out.
    parts.database.writability.found(read_only=not found["writes"])
    ready = _judged(found, writes=parts.database.writability.is_given, draining=parts.leaving.is_set())
    parts.metrics.database_takes_writes.set(ready.writes)
    parts.metrics.schema_ahead.set(ready.checks["migrations"] is State.AHEAD)
    return ready


async def components(session: DbSession) -> dict[str, str | None]:
    server = await session.only_value(queries.SERVER_VERSION)
    applied = await session.fetch_value(queries.APPLIED_MIGRATION)
    return {"python": platform.python_version(), "postgresql": server, "migration": applied}


async def _look(database: Database) -> Readiness | None:
    """What the database says of itself, if it says anything."""
    try:
        async with asyncio.timeout(_SECONDS), database.autocommit() as session:
            return await session.only_row(queries.READINESS)
    except asyncpg.UndefinedTableError:
        return _NO_SCHEMA
    except (Unavailable, TimeoutError, asyncpg.InsufficientPrivilegeError):
        return None


def _judged(found: Readiness | None, *, writes: bool, draining: bool) -> Ready:
    if found is None:
        checks = {"database": State.FAILING, "migrations": State.FAILING}
    else:
        checks = {"database": State.OK, "migrations": _state_of(Standing(found["applied"]))}
    well = all(state in {State.OK, State.AHEAD} for state in checks.values())
    status = State.DRAINING if draining else State.OK if well else State.FAILING
    return Ready(status=status, checks=checks, writes=writes)


def _state_of(schema: Standing) -> State:
    if schema.is_behind:
        return State.BEHIND
    if schema.is_ahead:
        migrations.warn_of(schema)
        return State.AHEAD
    return State.OK
