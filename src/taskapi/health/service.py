"""What being ready means: the database answers, its schema is the newest, and the process is not about to end."""

import asyncio
import platform

from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Unavailable
from taskapi.health import queries
from taskapi.health.schemas import Ready, State

_SECONDS = 2.0


async def readiness(database: Database, *, draining: bool) -> Ready:
    database_state, migrations_state = await _database_states(database)
    checks = {"database": database_state, "migrations": migrations_state}
    writes = database_state is State.OK and await _takes_writes(database)
    if draining:
        return Ready(status=State.DRAINING, writes=writes, checks=checks)
    well = all(state is State.OK for state in checks.values())
    return Ready(status=State.OK if well else State.FAILING, writes=writes, checks=checks)


async def components(session: DbSession) -> dict[str, str | None]:
    server = await session.only_value(queries.SERVER_VERSION)
    applied = await session.fetch_value(queries.APPLIED_MIGRATION)
    return {"python": platform.python_version(), "postgresql": server, "migration": applied}


async def _database_states(database: Database) -> tuple[State, State]:
    try:
        async with asyncio.timeout(_SECONDS), database.autocommit() as session:
            applied = await session.fetch_value(queries.APPLIED_MIGRATION)
    except (Unavailable, TimeoutError):
        return State.FAILING, State.FAILING
    return State.OK, State.OK if applied == migrations.newest() else State.FAILING


async def _takes_writes(database: Database) -> bool:
    """A standby says so itself; whether there is room only a write finds out."""
    try:
        async with asyncio.timeout(_SECONDS), database.autocommit() as session:
            read_only = await session.only_value(queries.TRANSACTION_READ_ONLY)
    except (Unavailable, TimeoutError):
        return False
    database.writability.found(read_only=read_only == "on")
    return database.writability.is_given
