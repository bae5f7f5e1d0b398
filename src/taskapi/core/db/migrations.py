"""The schema's version: how it stands next to this program, and migrating once however many start at the same time."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

import taskapi
from taskapi.core.db import failures, rights
from taskapi.core.db.connections import engine_of

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.stdlib.get_logger("taskapi.migrations")

# Any number will do, as long as every instance takes the same one.
_LOCK = 0x7A5C_A911
_PATIENCE_SECONDS: Final = 300
_POLL_SECONDS: Final = 0.1
# A role may have limits that are meant for requests; filling a large table takes longer.
_LIMITS: Final = {"lock_timeout": "5s", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
# What goes on beside us may hold what we need, or need what we hold. Each revision can be stopped and begun again.
_IN_THE_WAY: Final = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
_ATTEMPTS: Final = 10
_REVISION: Final = re.compile(r'^(revision|down_revision) = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Standing:
    """The schema next to this program. A program serves on its own schema and on a newer one, never on an older."""

    applied: str | None

    @property
    def is_behind(self) -> bool:
        return self.applied is None or (self.applied != newest() and not self.is_ahead)

    @property
    def is_ahead(self) -> bool:
        """No migration of ours has that name, so that a newer taskapi made it."""
        return self.applied is not None and self.applied not in _revisions().known

    def __str__(self) -> str:
        if self.applied is None:
            return "the database has no schema yet"
        if self.is_ahead:
            return f"the schema is at {self.applied}, newer than this program, which ends at {newest()}"
        if self.is_behind:
            return f"the schema is at {self.applied}, older than this program, which needs {newest()}"
        return f"the schema is at {self.applied}, as this program needs it"


class _Revisions(NamedTuple):
    known: frozenset[str]
    newest: str


def config(url: str | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - 10 MB, which a serving process can do without

    found = Config(str(_ini()))
    found.attributes["url"] = url
    return found


def _ini() -> Path:
    """Beside the package in an installed wheel, at the top of a checkout."""
    package = Path(taskapi.__file__).parent
    return next(path for path in (package / "alembic.ini", package.parents[1] / "alembic.ini") if path.exists())


def newest() -> str:
    """The revision that no other one follows."""
    return _revisions().newest


@cache
def _revisions() -> _Revisions:
    """Read from the files, once and at the start: an upgrade may replace them under a process that goes on."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (_ini().parent / "alembic" / "versions").glob("*.py"):
        for name, revision in _REVISION.findall(path.read_text()):
            found[name].add(revision)
    (head,) = found["revision"] - found["down_revision"]
    return _Revisions(frozenset(found["revision"]), head)


def is_known(revision: str) -> bool:
    """Whether it is one of this program's, so that it knows the way from there to its own."""
    return revision in _revisions().known


async def standing(url: str) -> Standing:
    """Raises Refused where our role may not know it."""
    engine = engine_of(url)
    try:
        with rights.required_to_serve(url):
            async with engine.connect() as connection:
                return await standing_of(connection)
    finally:
        await engine.dispose()


async def standing_of(connection: AsyncConnection) -> Standing:
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return Standing(None)
    return Standing(await connection.scalar(text("SELECT version_num FROM alembic_version")))


@cache
def warn_of(ahead: Standing) -> None:
    """Once a process and version, however often a load balancer asks."""
    log.warning("schema.ahead", applied=ahead.applied, known=newest(), remedy="start the newer taskapi everywhere")


async def upgrade(url: str, revision: str = "head") -> None:
    """Raises Refused where our role may not do it."""
    from alembic import command  # noqa: PLC0415 - as above

    with rights.required_to_migrate(url):
        await _run(url, command.upgrade, revision)


async def downgrade(url: str, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - as above

    await _run(url, command.downgrade, revision)


async def _run(url: str, step: "Callable[[Config, str], None]", revision: str) -> None:
    for attempt in count(1):
        try:
            await _run_once(url, step, revision)
            break
        except DBAPIError as error:
            cause = failures.cause_of(error)
            if not isinstance(cause, _IN_THE_WAY) or attempt == _ATTEMPTS:
                raise
            log.warning("migrations.again", attempt=attempt, of=_ATTEMPTS, error=str(cause))
            await asyncio.sleep(_POLL_SECONDS * attempt)


async def _run_once(url: str, step: "Callable[[Config, str], None]", revision: str) -> None:
    engine = engine_of(url, connect_args={"server_settings": _LIMITS})
    try:
        async with engine.connect() as connection:
            # Held by the session, so that it outlives the migrations' own transactions and ends with the connection.
            await _take_turn(connection)
            if (await standing_of(connection)).is_ahead:  # a newer program had its turn before us
                return
            await connection.commit()
            settings = config(url)

            def migrate(sync_connection: Connection) -> None:
                settings.attributes["connection"] = sync_connection
                step(settings, revision)

            await connection.run_sync(migrate)
            await connection.commit()
    finally:
        await engine.dispose()


async def try_to_hold(connection: asyncpg.Connection) -> bool:
    """Nobody migrates until this connection ends; False: somebody does already."""
    held: bool = await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK)
    return held


async def _take_turn(connection: AsyncConnection) -> None:
    """Wait for others without a transaction: an index that is built concurrently waits for every open one."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            await connection.commit()
            await asyncio.sleep(_POLL_SECONDS)
    await connection.commit()
