"""The engine, and its connections that wait for work, handed out one by one behind a fair queue."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from taskapi.core.db import addresses, failures
from taskapi.core.db.silence import Waits
from taskapi.core.db.writability import Writability
from taskapi.core.errors import DatabaseReadOnly, DatabaseUnavailable
from taskapi.core.fair_queue import FairQueue
from taskapi.settings import DatabaseSettings

log = structlog.stdlib.get_logger("taskapi.database")

CONNECT_SECONDS: Final = 2
CLOSE_SECONDS: Final = 1
_FIRST_LOOK_SECONDS: Final = 0.5
_LOOK_AGAIN_SECONDS: Final = 0.25
_PREPARED_STATEMENTS: Final = 300
_IDLE_IN_TRANSACTION: Final = "15s"
# A place that answers so is not asked again; who is refused by its password is refused at all of them.
_ELSEWHERE_PERHAPS: Final = (OSError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)


@dataclass(frozen=True, slots=True)
class TransactionCommands:
    """What opens and ends a unit of work; tests use savepoints of one transaction that they roll back."""

    begin: str = "BEGIN"
    commit: str = "COMMIT"
    rollback: str = "ROLLBACK"
    begin_snapshot: str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Connections:
    """The connections of one engine that wait for work, handed out without the pool's ceremony.

    SQLAlchemy's pool makes them, counts them and replaces broken ones. To take one from it and put it back runs
    through two greenlets, a tenth of a small read; the fair queue bounds us anyway, so those made are kept here.

    The pool's own check-in never runs, so nothing is reset when a session gives a connection back: a SET, a LISTEN,
    a temporary table or an advisory lock of a session would reach the next one. Whoever needs such a thing ends it
    before the session closes; tests look at every connection that comes back.

    Whoever has no answer after `patience` seconds loses the connection. From there on the server counts as silent, and
    newcomers hear so at once, until one task that looks for it has found it again.
    """

    def __init__(self, engine: AsyncEngine, queue: FairQueue, commands: TransactionCommands, patience: float) -> None:
        self.engine = engine
        self.queue = queue
        self.commands = commands
        self.waits = Waits(patience, self._give_up)
        self._patience = patience
        self._idle: list[PoolProxiedConnection] = []
        self._looking: asyncio.Task[None] | None = None
        self._silent_since = 0.0
        self.writability = Writability()
        self._read_only_since = 0.0

    async def take(self) -> PoolProxiedConnection:
        while self._idle:
            pooled = self._idle.pop()
            # The server may have gone away meanwhile; without a ping we learn it here, for nothing.
            if not driver_of(pooled).is_closed():
                return pooled
            pooled.invalidate()
        if self._looking is not None and not await self._is_found(self._looking):
            raise DatabaseUnavailable("The database does not answer; try again shortly")
        if self._idle:
            return self._idle.pop()
        try:
            return await self._connect()
        except failures.TRANSLATED as error:
            if isinstance(failures.cause_of(error), TimeoutError):
                self._fall_silent()
            raise

    def give_back(self, pooled: PoolProxiedConnection) -> None:
        self._idle.append(pooled)

    def learn(self, error: BaseException) -> None:
        """What one failure says of all connections."""
        refusal = failures.refusal_of_writes(error)
        if refusal is not None:
            self.writability.refused(refusal)
        if refusal is DatabaseReadOnly and time.monotonic() - self._read_only_since > _LOOK_AGAIN_SECONDS:
            # Those at rest may lead to a server that was the primary, too. Not at each write, for reads use them.
            self._read_only_since = time.monotonic()
            self._drop_idle()

    async def dispose(self) -> None:
        """Within about a second, whether the server says good-bye or not."""
        self.waits.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        closing = [driver_of(pooled).close(timeout=CLOSE_SECONDS) for pooled in self._idle]
        await asyncio.gather(*closing, return_exceptions=True)
        self._drop_idle()
        await self.engine.dispose()

    async def _connect(self) -> PoolProxiedConnection:
        async with asyncio.timeout(self._patience):  # the pool's first connection asks questions of its own
            return await self.engine.raw_connection()

    async def _is_found(self, looking: asyncio.Task[None]) -> bool:
        """Waited for while it may have been that one connection: the first look takes milliseconds then."""
        seconds = self._silent_since + _FIRST_LOOK_SECONDS - time.monotonic()
        if seconds > 0:
            await asyncio.wait({looking}, timeout=seconds)
        return looking.done()

    def _give_up(self, driver: asyncpg.Connection) -> None:
        driver.terminate()  # whoever waits is told by the driver that the connection is gone
        self._fall_silent()

    def _fall_silent(self) -> None:
        """Those at rest are as good as dead: each would cost somebody the whole patience to find out."""
        self._drop_idle()
        if self._looking is None:
            log.error("database.silent", remedy="look at PostgreSQL, and at the network between")
            self._silent_since = time.monotonic()
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """One looks for all: a request that did would wait for nothing."""
        while True:
            try:
                self.give_back(await self._connect())
            except failures.TRANSLATED:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            else:
                break
        self._looking = None
        log.info("database.answers_again")

    def _drop_idle(self) -> None:
        while self._idle:
            pooled = self._idle.pop()
            driver_of(pooled).terminate()
            pooled.invalidate()


def driver_of(pooled: PoolProxiedConnection) -> asyncpg.Connection:
    driver: asyncpg.Connection | None = pooled.driver_connection
    assert driver is not None
    return driver


def make_engine(url: str, settings: DatabaseSettings) -> AsyncEngine:
    return engine_of(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        poolclass=pool.AsyncAdaptedQueuePool,
        connect_args=connect_arguments(settings),
    )


def connect_arguments(settings: DatabaseSettings) -> dict[str, Any]:
    """What a connection that serves requests is opened with."""
    return {
        "statement_cache_size": _PREPARED_STATEMENTS,
        "max_cached_statement_lifetime": 0,  # a plan does not grow stale: PostgreSQL replaces it when it must
        "server_settings": {
            "application_name": "taskapi",
            "jit": "off",  # compiling a plan takes longer than any statement here
            "statement_timeout": f"{int(settings.statement_timeout * 1000)}",
            "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION,
            "TimeZone": "UTC",
        },
    }


def engine_of(url: str, *, connect_args: Mapping[str, Any] | None = None, **options: Any) -> AsyncEngine:  # noqa: ANN401 - SQLAlchemy's
    """An engine whose connections are made by `connect`: SQLAlchemy reads an address in words of its own."""
    creator = partial(connect, url, **(connect_args or {}))
    return create_async_engine("postgresql+asyncpg://", async_creator=creator, **options)


async def connect(
    url: str,
    *,
    server_settings: Mapping[str, str] | None = None,
    **arguments: Any,  # noqa: ANN401 - the driver's
) -> asyncpg.Connection:
    """A connection of the driver's to the first place of the address that has what is wanted.

    Each place has its own time, as with libpq: the driver has one for all, which a host that is silent would use up.
    """
    address = addresses.read(url)
    timeout = CONNECT_SECONDS if address.seconds is None else address.seconds or None
    arguments |= address.arguments()
    failure: Exception | None = None
    for wanted in address.wanted:
        for place in address.in_turn():
            host, port = place or (None, None)
            try:
                return await asyncpg.connect(
                    host=host,
                    port=port,
                    target_session_attrs=wanted,
                    timeout=timeout,
                    server_settings={**(server_settings or {}), **address.server_settings},
                    **arguments,
                )
            except _ELSEWHERE_PERHAPS as error:
                failure = error
    assert failure is not None
    raise failure
