"""The engine, and its connections that wait for work, handed out one by one behind a fair queue."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from taskapi.core.db import failures
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


@dataclass(frozen=True, slots=True)
class TransactionCommands:
    """What opens and ends a unit of work; tests use savepoints of one transaction that they roll back."""

    begin: str = "BEGIN"
    commit: str = "COMMIT"
    rollback: str = "ROLLBACK"


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
        async with asyncio.timeout(CONNECT_SECONDS):  # the pool's first connection asks questions of its own
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
    return create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        poolclass=pool.AsyncAdaptedQueuePool,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "statement_cache_size": _PREPARED_STATEMENTS,
            "max_cached_statement_lifetime": 0,  # a plan does not grow stale: PostgreSQL replaces it when it must
            "server_settings": {
                "application_name": "taskapi",
                "jit": "off",  # compiling a plan takes longer than any statement here
                "statement_timeout": f"{int(settings.statement_timeout * 1000)}",
                "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION,
                "TimeZone": "UTC",
            },
        },
    )
