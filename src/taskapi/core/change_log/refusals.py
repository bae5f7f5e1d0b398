"""What was refused and administrators want to know of, told to the change log, and of each once a minute at most.

For anybody can be refused as often as they like, and the log is kept for ever.
The first refusal of somebody is told at once, in a transaction of its own; repeats are counted in the process, and the
next row says how many there were. Of more than thirty at a time the rest is told together. So a process writes some
eighty rows a minute at most, whatever happens to it.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import structlog

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.errors import Unavailable

log = structlog.stdlib.get_logger("taskapi.refusals")

NOBODY: Final = UUID(int=0)
"""The subject where no account is known."""
_SECONDS: Final = 60.0
_MOST: Final = 30
_CLOSING_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Refused:
    """The first refusal, which stands for its repeats, and how often there was one that has not been told."""

    caller: Caller | None
    fact: Fact
    told_at: float
    times: int = 0

    @property
    def is_told_lately(self) -> bool:
        return time.monotonic() < self.told_at + _SECONDS


class Refusals:
    """One a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, UUID, str], _Refused] = {}

    async def tell(self, caller: Caller | None, fact: Fact, what: str) -> None:
        """To be called when the refused request holds no connection. `what` tells apart refusals of one subject."""
        key = (fact.kind, fact.subject_id, what)
        if key not in self._known and not self._has_room():
            key, caller = (fact.kind, NOBODY, ""), None
            fact = Fact(fact.kind, fact.subject_type, NOBODY, {})
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Refused(caller, fact, told_at=float("-inf"))
        known.times += 1
        if not known.is_told_lately:
            await self._write(known)

    async def follow(self) -> None:
        """Tell, once a minute, what was only counted; for as long as the process serves."""
        while True:
            await asyncio.sleep(_SECONDS)
            await self._write_counted()

    async def close(self) -> None:
        """Tell the rest, unless the database takes its time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._write_counted()

    def _has_room(self) -> bool:
        if len(self._known) >= _MOST:
            self._known = {key: one for key, one in self._known.items() if one.times or one.is_told_lately}
        return len(self._known) < _MOST

    async def _write_counted(self) -> None:
        for refused in [one for one in self._known.values() if one.times]:
            await self._write(refused)

    async def _write(self, refused: _Refused) -> None:
        """A database that does not answer changes nothing about the refusal: it is told later."""
        times, refused.times, refused.told_at = refused.times, 0, time.monotonic()
        fact = replace(refused.fact, changes={**refused.fact.changes, "times": (None, times)})
        is_told = False
        try:
            async with unit_of_work(self._database) as session:
                await publish(session, refused.caller, fact)
            is_told = True
        except Unavailable as unavailable:
            log.warning("refusals.postponed", reason=unavailable.detail)
        finally:
            if not is_told:
                refused.times += times
