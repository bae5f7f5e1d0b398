"""Looking at a database from outside, past everything that is tested, and waiting for what must come."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.databases import connect


async def rows(database_url: str, query: str, *arguments: Any) -> list[Any]:
    connection = await connect(database_url)
    try:
        found: list[Any] = await connection.fetch(query, *arguments)
    finally:
        await connection.close()
    return found


async def execute(database_url: str, *statements: str) -> None:
    connection = await connect(database_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def value(database_url: str, query: str, *arguments: Any) -> Any:
    (row,) = await rows(database_url, query, *arguments)
    return row[0]


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Wait for what nobody announces. Raises TimeoutError when it does not come."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)


async def until_somebody_waits_for_a_lock(database_url: str, many: int = 1) -> None:
    """In this database: others of the server are other tests'."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def somebody_waits() -> bool:
        waiting: int = await value(database_url, query)
        return waiting >= many

    await until(somebody_waits)


async def states(database_url: str) -> list[str]:
    """What the service's connections to this database are doing."""
    query = "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'taskapi'"
    return sorted(row["state"] for row in await rows(database_url, query))
