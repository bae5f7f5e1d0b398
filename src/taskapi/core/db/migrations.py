"""The schema's version: what is applied, what is pending, and applying it once however many start at the same time."""

import asyncio
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

import taskapi
from taskapi.core.db.connections import engine_of

if TYPE_CHECKING:
    from alembic.config import Config

# Any number will do, as long as every instance takes the same one.
_LOCK = 0x7A5C_A911
_PATIENCE_SECONDS: Final = 300
_POLL_SECONDS: Final = 0.1
# A role may have limits that are meant for requests; filling a large table takes longer.
_LIMITS: Final = {"lock_timeout": "5s", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}


_REVISION: Final = re.compile(r'^(revision|down_revision) = "([^"]+)"', re.MULTILINE)


def config(url: str | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - 10 MB, which a serving process can do without

    found = Config(str(_ini()))
    found.attributes["url"] = url
    return found


def _ini() -> Path:
    """Beside the package in an installed wheel, at the top of a checkout."""
    package = Path(taskapi.__file__).parent
    return next(path for path in (package / "alembic.ini", package.parents[1] / "alembic.ini") if path.exists())


@cache
def newest() -> str:
    """The revision that no other one follows, read from the files: this, health checks ask."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (_ini().parent / "alembic" / "versions").glob("*.py"):
        for name, revision in _REVISION.findall(path.read_text()):
            found[name].add(revision)
    (head,) = found["revision"] - found["down_revision"]
    return head


async def applied(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    version: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


async def is_pending(url: str) -> bool:
    engine = engine_of(url)
    try:
        async with engine.connect() as connection:
            return await applied(connection) != newest()
    finally:
        await engine.dispose()


async def upgrade(url: str, revision: str = "head") -> None:
    from alembic import command  # noqa: PLC0415 - as above

    await _run(url, command.upgrade, revision)


async def downgrade(url: str, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - as above

    await _run(url, command.downgrade, revision)


async def _run(url: str, step: "Callable[[Config, str], None]", revision: str) -> None:
    engine = engine_of(url, connect_args={"server_settings": _LIMITS})
    try:
        async with engine.connect() as connection:
            # Held by the session, so that it outlives the migrations' own transactions and ends with the connection.
            await _take_turn(connection)
            settings = config(url)

            def migrate(sync_connection: Connection) -> None:
                settings.attributes["connection"] = sync_connection
                step(settings, revision)

            await connection.run_sync(migrate)
            await connection.commit()
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Wait for others without a transaction: an index that is built concurrently waits for every open one."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            await connection.commit()
            await asyncio.sleep(_POLL_SECONDS)
    await connection.commit()
