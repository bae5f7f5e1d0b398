"""Where sessions come from, and units of work outside of requests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, TypeVar

from taskapi.core.db.connections import Connections, TransactionCommands, make_engine
from taskapi.core.db.session import DbSession, Listener
from taskapi.core.db.standby import Standby
from taskapi.core.db.statements import One, Statement
from taskapi.core.db.writability import Writability
from taskapi.core.errors import WritesRefused
from taskapi.core.fair_queue import FairQueue
from taskapi.settings import DatabaseSettings

_BUSY: Final = "Every database connection is busy; try again shortly"
# How late an answer may be beyond the server's own limit of a statement, before nobody waits for it: half a second,
# so that with five for a statement everybody is answered within six, with what was done before it.
GRACE_SECONDS: Final = 0.5
_News = TypeVar("_News")
_R = TypeVar("_R")
_PING: Final = Statement[One[int]]("SELECT 1", ())


class Database:
    """One a process: a primary, and a standby for reads where there is one; one queue bounds both."""

    def __init__(self, settings: DatabaseSettings, commands: TransactionCommands | None = None) -> None:
        assert settings.url is not None
        commands = commands or TransactionCommands()
        self._listeners: dict[type, list[Listener]] = {}
        self.queue = FairQueue(settings.pool_size, settings.pool_timeout, _BUSY)
        patience = settings.statement_timeout + GRACE_SECONDS
        self.primary = Connections(make_engine(settings.url, settings), self.queue, commands, patience)
        self.standby = Standby(settings, self.queue, commands, patience) if settings.read_url else None

    @property
    def writability(self) -> Writability:
        return self.primary.writability

    def listen(self, news: type[_News], call: Callable[[_News], None]) -> None:
        """Have `call` told of each such announcement of a session, once that session's transaction is committed."""
        self._listeners.setdefault(news, []).append(call)

    def reader(self, whose: Callable[[], str | None]) -> DbSession:
        """A session in AUTOCOMMIT: each statement is one round trip.

        All go to the standby where there is one, and it has everything that this reader wrote. `whose` answers None
        for somebody of whom that cannot be known.
        """
        choose = partial(self._server_for, whose) if self.standby is not None else None
        return DbSession(self.primary, self._listeners, writes=False, choose=choose)

    def writer(self) -> DbSession:
        """A session whose statements are one transaction."""
        return DbSession(self.primary, self._listeners, writes=True)

    def autocommit(self) -> DbSession:
        """A session on the primary in which each statement is a transaction of its own, writes too."""
        return DbSession(self.primary, self._listeners, writes=False)

    def snapshot(self) -> DbSession:
        """A session that reads: all its statements see the database as the first of them found it.

        On the primary: a standby ends a transaction that is long, when what it reads goes there.
        """
        begin = self.primary.commands.begin_snapshot
        return DbSession(self.primary, self._listeners, writes=False, begin=begin)

    async def noting(self, read: Callable[[bool], Awaitable[_R]]) -> _R:
        """`read(True)` notes in the statement that reads that somebody did; `read(False)` where nothing can be written.

        Without it a database that takes no writes would take no reads by API tokens and share links either.
        """
        if self.writability.is_given:
            with suppress(WritesRefused):
                return await read(True)
        return await read(False)

    async def ping(self) -> None:
        async with self.autocommit() as session:
            await session.run(_PING)

    async def dispose(self) -> None:
        await self.primary.dispose()
        if self.standby is not None:
            await self.standby.dispose()

    async def _server_for(self, whose: Callable[[], str | None]) -> Connections:
        assert self.standby is not None
        reader = whose()
        if reader is not None and await self.standby.may_serve(reader):
            return self.standby.connections
        return self.primary


@asynccontextmanager
async def unit_of_work(database: Database) -> AsyncIterator[DbSession]:
    """Everything inside happens, or nothing does. For jobs, the shell and streams; routes have their own."""
    session = database.writer()
    try:
        async with session:
            yield session
            await session.commit()
    finally:
        await write_after_end(database, session)


async def write_after_end(database: Database, ended: DbSession) -> None:
    """Write what a session left to be written after its end, before anybody gets the answer of its request.

    After it and not beside it: who holds a connection and waits for another can starve a whole pool.
    """
    if ended.after_end:
        async with unit_of_work(database) as session:
            for write in ended.after_end.values():
                await write(session)
