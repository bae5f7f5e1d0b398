"""One listener of the hub: what is waiting for them, and how it ends."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from taskapi.changes.streams.items import Ending, Item
from taskapi.changes.streams.queries import NewsRow
from taskapi.changes.streams.rights import Rights
from taskapi.changes.sync.cursors import Place
from taskapi.changes.sync.service import Wanted

MOST_QUEUED: Final = 256
"""Who lets more wait is not reading; they come again with their cursor."""
_MOST_HELD_BACK: Final = 20_000


class Subscription:
    """Begins with what happened before, which its owner reads from the database; `backlog` is what comes meanwhile."""

    __slots__ = (
        "_queue",
        "_waiter",
        "backlog",
        "ending",
        "expires_at",
        "is_claimed",
        "made_at",
        "of",
        "place",
        "rights",
        "seen",
    )

    def __init__(self, of: Wanted, seconds: float) -> None:
        self.of = of
        self.rights = Rights(of)
        self.place = Place(0, 0)
        """Behind the last that its owner has taken."""
        self.ending: Ending | None = None
        self.backlog: list[NewsRow] = []
        self.is_claimed = False
        """Whether its owner has begun to take what there is."""
        self.seen = (0, 0)
        """The position up to which its rights follow the log."""
        self.made_at = time.monotonic()
        self.expires_at = self.made_at + seconds
        self._queue: deque[Item] = deque()
        self._waiter: asyncio.Future[None] | None = None

    def hold_back(self, rows: Sequence[NewsRow]) -> None:
        self.backlog += rows
        if len(self.backlog) > _MOST_HELD_BACK:
            self.end(Ending.TOO_SLOW)

    def put(self, items: Sequence[Item]) -> None:
        if self.ending is not None:
            return
        if len(self._queue) + len(items) > MOST_QUEUED:
            self.end(Ending.TOO_SLOW)
            return
        self._queue.extend(items)
        self._wake()

    def end(self, ending: Ending, *, after_all: bool = False) -> None:
        """`after_all`: what is waiting is still told. The first reason stands."""
        if self.ending is None:
            self.ending = ending
            self.backlog = []
            if not after_all:
                self._queue.clear()
            self._wake()

    async def next(self, seconds: float) -> list[Item]:
        """What has come; nothing where the stream ends, or nothing came for so long."""
        if not self._queue and self.ending is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(min(seconds, max(0.0, self.expires_at - time.monotonic()))):
                    await self._waiter
            except TimeoutError:
                if time.monotonic() >= self.expires_at:
                    self.end(Ending.RENEWED)
            finally:
                self._waiter = None
        items = list(self._queue)
        self._queue.clear()
        if items:
            self.place = items[-1].place
        return items

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
