"""A standby for reads, which shows nobody a past in which their own last write is missing.

A standby replays what the primary wrote some time ago. Who has written since is told by the change log, for every
write leaves a fact with the id of its transaction. So two things are watched: up to which transaction the standby has
replayed, and who wrote in later ones. All processes read the same log, whichever of them took the write.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, TypedDict
from weakref import WeakSet

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection

from taskapi.core.db import failures
from taskapi.core.db.connections import Connections, TransactionCommands, driver_of, make_engine
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, Statement
from taskapi.core.errors import AppError
from taskapi.core.fair_queue import FairQueue
from taskapi.settings import DatabaseSettings

log = structlog.stdlib.get_logger("taskapi.standby")

_LOOK_SECONDS: Final = 0.25
# A standby that is frozen keeps whoever asks it waiting; after this they ask the primary.
_PATIENCE_SECONDS: Final = 1.0
_BUSY: Final = "The connections that watch the standby are busy"


class _Position(TypedDict):
    lsn: int
    xmin: int
    """All transactions with lower ids had ended, and their commits lie before `lsn` in the WAL."""


class _Writers(TypedDict):
    xmin: int
    xmax: int
    """Nobody in `writers` wrote in a transaction with this id or a higher one."""
    writers: list[str]


# At the start of a page the next record would begin after its header, of 24 or 40 bytes, and the last one ended before:
# a standby of an idle primary would never be there.
_POSITION: Final = Statement[_Position](
    "SELECT lsn - CASE WHEN lsn % page IN (24, 40) THEN lsn % page ELSE 0 END AS lsn, xmin FROM ("
    "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8 AS lsn,"
    " current_setting('wal_block_size')::int8 AS page, pg_snapshot_xmin(pg_current_snapshot()) AS xmin) AS now",
    (),
)
# NULL on a server that was promoted, or never was a standby.
_REPLAYED: Final = Statement[One[int]](
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::int8 END", ()
)
# Who registers writes without being signed in, as the subject of the fact.
_WRITERS_SINCE: Final = Statement[_Writers](
    "SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin, pg_snapshot_xmax(pg_current_snapshot()) AS xmax,"
    " ARRAY(SELECT actor_id::text FROM events WHERE xid >= $1 AND actor_id IS NOT NULL"
    " UNION SELECT subject_id::text FROM events WHERE xid >= $1 AND subject_type = 'user') AS writers",
    (("since", 0),),
)


class _Mark(NamedTuple):
    """A moment of the primary: what the standby shows once it has replayed up to `lsn`."""

    at: float
    lsn: int
    xmin: int


class _Abortable(Connections):
    """Connections that can all be broken off, those in use too: their statements fail at once."""

    def __init__(self, engine: AsyncEngine, queue: FairQueue, commands: TransactionCommands, patience: float) -> None:
        super().__init__(engine, queue, commands, patience)
        self._drivers: WeakSet[asyncpg.Connection] = WeakSet()

    async def take(self) -> PoolProxiedConnection:
        pooled = await super().take()
        self._drivers.add(driver_of(pooled))
        return pooled

    def abort(self) -> None:
        for driver in list(self._drivers):
            driver.terminate()
        self._drivers.clear()


class Standby:
    """The connections to it, and whether they may be used for somebody's next read."""

    def __init__(
        self, settings: DatabaseSettings, queue: FairQueue, commands: TransactionCommands, patience: float
    ) -> None:
        assert settings.url is not None
        assert settings.read_url is not None
        # Of their own: who waits for an answer about the standby holds a place in no queue of requests.
        few = settings.model_copy(update={"pool_size": 2})
        self._primary, self._watched = (
            Connections(make_engine(url, few), FairQueue(2, _PATIENCE_SECONDS, _BUSY), commands, _PATIENCE_SECONDS)
            for url in (settings.url, settings.read_url)
        )
        self.connections = _Abortable(make_engine(settings.read_url, settings), queue, commands, patience)
        self.on_choice: Callable[[str], None] = lambda _server: None
        """Told `standby` or `primary` for each read that could have gone to either."""
        self.on_lag: Callable[[float], None] = lambda _seconds: None
        self._max_lag = settings.replica_max_lag
        self._marks: deque[_Mark] = deque()
        self._replayed: _Mark | None = None
        self._horizon = 0
        self._writers: dict[str, int] = {}
        self._asking: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def lag(self) -> float:
        """Seconds since the newest moment of the primary that the standby is known to show."""
        return float("inf") if self._replayed is None else time.monotonic() - self._replayed.at

    async def may_serve(self, reader: str) -> bool:
        """Whether this reader misses nothing there that they wrote before they asked."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on())
        serves = self.lag <= self._max_lag and await self._knows_writers() and reader not in self._writers
        self.on_choice("standby" if serves else "primary")
        return serves

    async def dispose(self) -> None:
        running = [task for task in (self._looking, self._asking) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for connections in (self._primary, self._watched, self.connections):
            await connections.dispose()

    async def _knows_writers(self) -> bool:
        """Ask the primary, after now and once for all who wait: an answer that was on its way may miss a write."""
        earlier = self._asking
        if earlier is not None and not earlier.done():
            await asyncio.wait({earlier})
        if self._asking is earlier:
            self._asking = asyncio.create_task(self._learn_writers())
        assert self._asking is not None
        try:
            await asyncio.shield(self._asking)
        except (AppError, *failures.TRANSLATED):
            return False  # the primary is away, and will say so itself
        return self._replayed is not None

    async def _learn_writers(self) -> None:
        since = max(self._horizon, self._replayed.xmin if self._replayed else 0)
        async with DbSession(self._primary, {}, writes=False) as session:
            found = await session.only_row(_WRITERS_SINCE, since=since)
        self._writers |= dict.fromkeys(found["writers"], found["xmax"])
        self._horizon = found["xmin"]

    async def _look_on(self) -> None:
        """Until `dispose`, so that a standby that comes back is used again."""
        while True:
            was_used = self._replayed is not None
            try:
                await self._look()
            except (AppError, *failures.TRANSLATED) as error:
                self._lose(error)
            if was_used != (self._replayed is not None):
                log.warning("standby.usable" if self._replayed else "standby.unusable")
            self.on_lag(self.lag)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        began = time.monotonic()
        async with DbSession(self._primary, {}, writes=False) as session:
            position = await session.only_row(_POSITION)
        self._marks.append(_Mark(began, **position))
        async with DbSession(self._watched, {}, writes=False) as session:
            replayed = await session.fetch_value(_REPLAYED)
        if replayed is None:
            self._replayed = None
            self._marks.clear()
            return
        while self._marks and self._marks[0].lsn <= replayed:
            self._replayed = self._marks.popleft()
        if self._replayed is not None:
            shown = self._replayed.xmin
            self._writers = {who: xmax for who, xmax in self._writers.items() if xmax > shown}
        while self._marks and began - self._marks[0].at > self._max_lag:
            self._marks.popleft()

    def _lose(self, error: BaseException) -> None:
        """Nobody is left waiting for it: their statements fail, and the repeats go to the primary."""
        log.debug("standby.lost", error=repr(error))
        self._replayed = None
        self._marks.clear()
        self.connections.abort()
