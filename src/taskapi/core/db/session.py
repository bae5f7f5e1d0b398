"""A session: one unit of work on one connection, opened by its first statement.

It speaks to asyncpg, which is what SQLAlchemy's engine and pool hand out. The engine runs in AUTOCOMMIT, so a read
is one round trip; a writing session says BEGIN and COMMIT itself.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import Table
from sqlalchemy.pool import PoolProxiedConnection

from taskapi.core.db import failures
from taskapi.core.db.connections import Connections, driver_of
from taskapi.core.db.statements import One, Statement

_T = TypeVar("_T")
_R = TypeVar("_R")
# By the type of news; each takes news of that type, which a mapping cannot say.
Listener: TypeAlias = Callable[[Any], None]
Listeners: TypeAlias = Mapping[type, Iterable[Listener]]
_SUSPICIOUS_SECONDS: Final = 1.0


class DbSession:
    """Statements of one unit of work, ended by `commit`, `rollback` or `close`; `async with` closes it.

    It holds no connection before its first statement. What waits for something else than the database, such as a
    hash, a file or a mail server, belongs before that.
    """

    def __init__(
        self,
        connections: Connections,
        listeners: Listeners,
        *,
        writes: bool,
        choose: Callable[[], Awaitable[Connections]] | None = None,
        begin: str | None = None,
    ) -> None:
        """`choose` is asked for other connections when the first statement comes: by then the caller is known.

        `begin` opens the transaction; None: there is none, or the usual one of a session that writes.
        """
        self.writes = writes
        self._begin = connections.commands.begin if writes and begin is None else begin
        self.on_begin: Callable[[], Awaitable[None]] | None = None
        """Awaited right after the connection was taken, as the first part of the transaction."""
        self.after_commit: list[Callable[[], None]] = []
        """Called once the commit has been tried, in order; not after a rollback. Each must be harmless where the
        commit failed after all, for a broken connection leaves that open."""
        self.after_end: dict[str, Callable[[DbSession], Awaitable[None]]] = {}
        """What is written in a transaction of its own once this one has ended, however it ended, by name."""
        self.projects: set[UUID] = set()
        """Those that were loaded or written about: what this unit of work is about."""
        self.people: set[UUID] = set()
        """And the accounts that were written about."""
        self.batch_id: UUID | None = None
        """What the change log knows all facts of this unit of work by, from the first on."""
        self.committing = False
        self.reads_standby = False
        self._connections = connections
        self._choose = choose
        self._listeners = listeners
        self._pooled: PoolProxiedConnection | None = None
        self._driver: asyncpg.Connection | None = None
        self._in_transaction = False
        self._poisoned = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> asyncpg.Connection:
        """The driver's connection, in this session's transaction."""
        if self._driver is not None:
            return self._driver
        if self._choose is not None:
            chosen = await self._choose()
            self.reads_standby = chosen is not self._connections
            self._connections = chosen
        await self._connections.queue.enter()
        try:
            self._pooled = await self._take()
            self._driver = driver_of(self._pooled)
            if self._begin is not None:
                self._in_transaction = True  # said first: a BEGIN that is cancelled may have begun all the same
                await self._ask(self._driver, self._driver.execute(self._begin))
        except BaseException:
            await asyncio.shield(self._abandon())
            raise
        if self.on_begin is not None:
            await self.on_begin()
        return self._driver

    async def fetch_row(self, statement: Statement[_R], **values: object) -> _R | None:
        driver = self._driver or await self.open()
        return await self._ask(driver, driver.fetchrow(statement.sql, *statement.arguments(values)))

    async def fetch_rows(self, statement: Statement[_R], **values: object) -> list[_R]:
        driver = self._driver or await self.open()
        return await self._ask(driver, driver.fetch(statement.sql, *statement.arguments(values)))

    async def fetch_value(self, statement: Statement[One[_T]], **values: object) -> _T | None:
        driver = self._driver or await self.open()
        return await self._ask(driver, driver.fetchval(statement.sql, *statement.arguments(values)))

    async def fetch_values(self, statement: Statement[One[_T]], **values: object) -> list[_T]:
        """The one column of all rows."""
        driver = self._driver or await self.open()
        rows = await self._ask(driver, driver.fetch(statement.sql, *statement.arguments(values)))
        return [row[0] for row in rows]

    async def only_row(self, statement: Statement[_R], **values: object) -> _R:
        """Of a statement that always has one: an INSERT that returns it, an UPDATE of a row that is locked."""
        row = await self.fetch_row(statement, **values)
        assert row is not None
        return row

    async def only_value(self, statement: Statement[One[_T]], **values: object) -> _T:
        """Of a statement that always has one row, and in it a value: a count, an INSERT that returns it."""
        value = await self.fetch_value(statement, **values)
        assert value is not None
        return value

    async def run(self, statement: Statement[object], **values: object) -> None:
        """Execute a statement whose answer nobody reads."""
        driver = self._driver or await self.open()
        await self._ask(driver, driver.fetch(statement.sql, *statement.arguments(values)))

    async def run_many(self, statement: Statement[object], rows: Iterable[Mapping[str, object]]) -> None:
        """Execute a statement once for each set of values, in one batch."""
        driver = self._driver or await self.open()
        batch = [statement.arguments(row) for row in rows]
        await self._ask(driver, driver.executemany(statement.sql, batch))

    async def copy(self, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write many rows by COPY, in their order, with the triggers and constraints of the table."""
        driver = self._driver or await self.open()
        await self._ask(driver, driver.copy_records_to_table(table.name, records=rows, columns=columns))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone, and the transaction goes on: `try` stands around it, not within."""
        driver = await self.open()
        registered = len(self.after_commit)
        await self._ask(driver, driver.execute("SAVEPOINT part"))
        try:
            yield
        except Exception:
            await self._ask(driver, driver.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part"))
            del self.after_commit[registered:]
            raise
        await self._ask(driver, driver.execute("RELEASE SAVEPOINT part"))

    def announce(self, news: object) -> None:
        """Tell this process's listeners for such news, once it is committed."""
        for listener in self._listeners.get(type(news), ()):
            self.after_commit.append(partial(listener, news))

    async def commit(self) -> None:
        if not self._in_transaction:
            return
        assert self._driver is not None
        self.committing = True
        try:
            await self._ask(self._driver, self._driver.execute(self._connections.commands.commit))
        finally:
            for call in self.after_commit:
                call()
        self._in_transaction = self.committing = False
        self._connections.writability.succeeded()

    async def rollback(self) -> None:
        if not self._in_transaction:
            return
        assert self._driver is not None
        self._in_transaction = False
        if self._poisoned:
            self._discard(None)  # which ends the transaction, too
            return
        self._connections.waits.begin(self._driver)
        try:
            await self._driver.execute(self._connections.commands.rollback)
        except failures.OF_THE_DRIVER as error:
            self._discard(error)  # in whatever state it is, no other session may get it
        finally:
            self._connections.waits.end(self._driver)

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

    async def _take(self) -> PoolProxiedConnection:
        try:
            return await self._connections.take()
        except failures.TRANSLATED as error:
            failures.reraise(error)

    async def _ask(self, driver: asyncpg.Connection, call: Awaitable[_T]) -> _T:
        """The driver's answer, or our name for its failure; where the server is silent, the connection ends."""
        waits = self._connections.waits
        waits.begin(driver)
        try:
            return await call
        except failures.TRANSLATED as error:
            self._poisoned = self._poisoned or failures.poisons(error)
            self._connections.learn(error)
            failures.reraise(error)
        except asyncio.CancelledError:
            # Who was this patient may have met a silent server, and the next one shall not begin to wait anew.
            self._poisoned = self._poisoned or waits.age(driver) > _SUSPICIOUS_SECONDS
            raise
        finally:
            waits.end(driver)

    def _discard(self, error: BaseException | None) -> None:
        if self._pooled is not None:
            self._pooled.invalidate(error)
            self._pooled = None

    def _release(self) -> None:
        try:
            if self._driver is not None and (self._poisoned or self._driver.is_closed()):
                self._discard(None)
            if self._pooled is not None:
                self._connections.give_back(self._pooled)
        finally:
            self._pooled = self._driver = None
            self._connections.queue.leave()
