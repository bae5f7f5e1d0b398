"""A server that says nothing: whoever has waited for its answer too long is let go, with the connection."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = asyncpg.Connection


class Waits:
    """The connections on which an answer is due, with the time of each question, the oldest first.

    The limits that the server knows of help nobody while it is frozen or behind a broken cable. One timer watches
    over all connections and rings for the oldest question alone, so that a statement costs 0.3 µs; it costs 5 with a
    timer of its own, and 10 with `asyncio.timeout`.
    """

    def __init__(self, seconds: float, give_up: Callable[[Connection], None]) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._since: dict[Connection, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, driver: Connection) -> None:
        self._since[driver] = time.monotonic()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._ring)

    def end(self, driver: Connection) -> None:
        self._since.pop(driver, None)

    def age(self, driver: Connection) -> float:
        """How many seconds ago it was asked."""
        return time.monotonic() - self._since.get(driver, math.inf)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        latest = time.monotonic() - self._seconds
        for driver, since in list(self._since.items()):
            if since > latest:
                self._timer = asyncio.get_running_loop().call_later(since - latest, self._ring)
                break
            del self._since[driver]
            self._give_up(driver)
