"""The engine, a fair queue before its pool, sessions, and the only place that commits.

A session is SQLAlchemy's, with a fast lane: a prepared `Statement` goes straight to the driver, on the
connection and in the transaction of the session. The engine runs in AUTOCOMMIT, so a read is one round trip,
and a writing session says BEGIN and COMMIT itself: both lanes are then in the one transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

import asyncpg
from sqlalchemy import Connection, pool
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from taskapi.core.errors import DatabaseUnavailable, Overloaded, TransactionConflict
from taskapi.core.queueing import FairQueue
from taskapi.core.statements import Statement
from taskapi.settings import DatabaseSettings

Row: TypeAlias = asyncpg.Record
_T = TypeVar("_T")

Adapted = AsyncAdapt_asyncpg_dbapi.Error

_BUSY: Final = "Every database connection is busy; try again shortly"
_CONNECT_SECONDS: Final = 2
_PREPARED_STATEMENTS: Final = 300
_IDLE_IN_TRANSACTION: Final = "15s"
_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.InvalidCachedStatementError)
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asked just when the server's last word arrived
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting up
    asyncpg.ReadOnlySQLTransactionError,  # still talking to a demoted primary
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    PoolTimeout,
    OSError,  # refused, reset, timed out
)


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
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._idle: list[PoolProxiedConnection] = []

    async def take(self) -> PoolProxiedConnection:
        while self._idle:
            pooled = self._idle.pop()
            # The server may have gone away meanwhile; without a ping we learn it here, for nothing.
            if not _driver_of(pooled).is_closed():
                return pooled
            pooled.invalidate()
        return await self.engine.raw_connection()

    def give_back(self, pooled: PoolProxiedConnection) -> None:
        self._idle.append(pooled)

    async def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()
        await self.engine.dispose()


def _driver_of(pooled: PoolProxiedConnection) -> Any:  # noqa: ANN401 - asyncpg has no types
    return pooled.driver_connection


class _Unattached:
    """Stands where SQLAlchemy's session will be: before that, its methods would run outside the transaction."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("await session.attach() before using SQLAlchemy's own methods")


class DbSession(AsyncSession):
    """One unit of work: opened by its first statement, ended by `commit`, `rollback` or `close`.

    Taking a connection through the session's own machinery costs 90 µs a request, straight from the pool 20;
    so it is taken from the pool, and SQLAlchemy's own methods join it when somebody calls `attach`: making their
    part of the session is put off until then, for few requests ever use it.
    """

    sync_session: Any = _Unattached()

    def __init__(self, database: "Database", connections: Connections, *, writes: bool) -> None:
        self.writes = writes
        self.on_begin: Callable[[], Awaitable[None]] | None = None
        self.committing = False
        self.regardless: dict[str, Callable[[DbSession], Awaitable[None]]] = {}
        """Said to the change log even when this unit of work is rolled back, or only reads: see `settle`."""
        self._database = database
        self._connections = connections
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._in_transaction = False
        self._unusable = False

    async def open(self) -> Any:  # noqa: ANN401 - asyncpg has no types
        """The driver's connection, in this session's transaction."""
        if self._driver is not None:
            return self._driver
        await self._database.queue.enter()
        try:
            self._pooled = await self._told_apart(self._connections.take())
            self._driver = _driver_of(self._pooled)
            if self.writes:
                self._in_transaction = True  # said first: a BEGIN that is cancelled may have begun all the same
                await self._told_apart(self._driver.execute(self._database.commands.begin))
        except BaseException:
            await asyncio.shield(self._abandon())
            raise
        if self.on_begin is not None:
            await self.on_begin()
        return self._driver

    async def attach(self) -> None:
        """Let SQLAlchemy's own methods work, on the same connection and in the same transaction."""
        await self.open()
        engine = self._connections.engine
        connection = AsyncConnection(engine, Connection(engine.sync_engine, self._pooled))
        super().__init__(connection, autoflush=False, expire_on_commit=False)

    async def fetch_row(self, statement: Statement, **values: Any) -> Row | None:  # noqa: ANN401
        driver = self._driver or await self.open()
        return await self._told_apart(driver.fetchrow(statement.sql, *statement.arguments(values)))

    async def fetch_rows(self, statement: Statement, **values: Any) -> list[Row]:  # noqa: ANN401
        driver = self._driver or await self.open()
        return await self._told_apart(driver.fetch(statement.sql, *statement.arguments(values)))

    async def fetch_value(self, statement: Statement, **values: Any) -> Any:  # noqa: ANN401
        driver = self._driver or await self.open()
        return await self._told_apart(driver.fetchval(statement.sql, *statement.arguments(values)))

    async def run_many(self, statement: Statement, rows: Iterable[dict[str, Any]]) -> None:
        driver = self._driver or await self.open()
        await self._told_apart(driver.executemany(statement.sql, [statement.arguments(row) for row in rows]))

    async def commit(self) -> None:
        if not self._in_transaction:
            return
        if not isinstance(self.sync_session, _Unattached):
            await self._told_apart(self.flush())
        self.committing = True
        await self._told_apart(self._driver.execute(self._database.commands.commit))
        self._in_transaction = self.committing = False

    async def rollback(self) -> None:
        if not self._in_transaction:
            return
        self._in_transaction = False
        try:
            await self._driver.execute(self._database.commands.rollback)
        except _DRIVER as error:
            # Whatever state it is in, nobody else shall find out.
            self._discard(error)

    async def close(self) -> None:
        """Give the connection back. Ends even when the request is cancelled: a lost one is lost for ever."""
        if self._in_transaction:
            await asyncio.shield(self._abandon())
        elif self._driver is not None:
            self._release()

    async def _abandon(self) -> None:
        try:
            await self.rollback()
        finally:
            self._release()

    async def _told_apart(self, call: Awaitable[_T]) -> _T:
        """The driver's failures as ours, where they mean "again" or "not now"; any other is passed on."""
        try:
            return await call
        except (*_DRIVER, Adapted, DBAPIError, PoolTimeout) as error:
            # SQLAlchemy wraps the driver's failures: once while it connects, twice in a statement.
            adapted = error.orig if isinstance(error, DBAPIError) else error
            cause = adapted.__cause__ if isinstance(adapted, Adapted) else adapted
            if isinstance(cause, _CONFLICTS):
                raise TransactionConflict("Another request changed the same rows at that moment; try again") from error
            if isinstance(cause, asyncpg.QueryCanceledError):
                raise Overloaded("The database did not answer in time; try again shortly") from error
            if isinstance(cause, _LOST):
                # A session stays read-only when the server is not any more, and a protocol that lost its thread, lost.
                self._unusable = isinstance(cause, asyncpg.ReadOnlySQLTransactionError | asyncpg.InternalClientError)
                raise DatabaseUnavailable("The database cannot be reached; try again shortly") from error
            raise

    def _discard(self, error: BaseException | None) -> None:
        if self._pooled is not None:
            self._pooled.invalidate(error)
            self._pooled = None

    def _release(self) -> None:
        try:
            if self._driver is not None and (self._unusable or self._driver.is_closed()):
                self._discard(None)
            if self._pooled is not None:
                self._connections.give_back(self._pooled)
        finally:
            self._pooled = self._driver = None
            self._database.queue.leave()


class Database:
    """Where sessions come from. One a process."""

    def __init__(self, settings: DatabaseSettings, commands: TransactionCommands | None = None) -> None:
        assert settings.url is not None
        self.commands = commands or TransactionCommands()
        self.queue = FairQueue(settings.pool_size, settings.pool_timeout, _BUSY)
        self.primary = Connections(_engine(settings.url, settings))
        self.replica = Connections(_engine(settings.read_url, settings)) if settings.read_url else self.primary

    def reader(self) -> DbSession:
        """A session in AUTOCOMMIT: each statement is one round trip, and may go to a replica."""
        return DbSession(self, self.replica, writes=False)

    def writer(self) -> DbSession:
        """A session whose statements are one transaction."""
        return DbSession(self, self.primary, writes=True)

    def single_statements(self) -> DbSession:
        """A session on the primary in which each statement is a transaction of its own, writes too."""
        return DbSession(self, self.primary, writes=False)

    async def ping(self) -> None:
        async with self.reader() as session:
            await session.fetch_row(_PING)

    async def dispose(self) -> None:
        await self.primary.dispose()
        if self.replica is not self.primary:
            await self.replica.dispose()


_PING = Statement("SELECT 1", ())


@asynccontextmanager
async def unit_of_work(database: Database) -> AsyncIterator[DbSession]:
    """Everything inside happens, or nothing does. For jobs, the shell and streams; routes have their own."""
    session = database.writer()
    try:
        async with session:
            yield session
            await session.commit()
    finally:
        await settle(database, session)


async def settle(database: Database, ended: DbSession) -> None:
    """Store what has to be told of a session that has ended, however it did, before anybody gets its answer.

    After it and not beside it: who holds a connection and waits for another can starve a whole pool.
    """
    if ended.regardless:
        async with unit_of_work(database) as session:
            for tell in ended.regardless.values():
                await tell(session)


def _engine(url: str, settings: DatabaseSettings) -> AsyncEngine:
    return create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        poolclass=pool.AsyncAdaptedQueuePool,
        connect_args={
            "timeout": _CONNECT_SECONDS,
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
