"""Has every reader of the change log read as soon as there is something, until told to stop."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from taskapi.core.change_log import readers
from taskapi.core.change_log.readers import LogReader
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from taskapi.core.errors import Unavailable

log = structlog.stdlib.get_logger("taskapi.readers")

_POLL: Final = 0.2
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


@dataclass(slots=True)
class _State:
    """Of one reader in this worker."""

    task: asyncio.Task[None] | None = None
    failures: int = 0
    not_before: float = 0.0

    @property
    def rests(self) -> bool:
        return (self.task is None or self.task.done()) and time.monotonic() >= self.not_before


@dataclass(slots=True)
class Following:
    """Readers do not wait for each other: each that is behind reads in a task of its own."""

    database: Database
    readers: Sequence[LogReader]
    tail: Tail = field(default_factory=Tail)
    _states: dict[str, _State] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        if not self.readers:
            return
        self._states = {reader.name: _State() for reader in self.readers}
        pause, registered = _POLL, False
        while not await _is_set_within(stop, pause):
            try:
                if not registered:
                    await readers.register(self.database, self.tail, self.readers)
                    registered = True
                await self._wake()
                pause = _POLL
            except Unavailable as unavailable:
                log.warning("readers.postponed", reason=unavailable.detail)
                pause = min(max(pause, _FIRST_PAUSE) * 2, _LONGEST_PAUSE / 4)
            except Exception:
                log.exception("readers.failed")
                pause = min(max(pause, _FIRST_PAUSE) * 2, _LONGEST_PAUSE)
        await asyncio.gather(*(state.task for state in self._states.values() if state.task is not None))

    async def _wake(self) -> None:
        resting = [reader for reader in self.readers if self._states[reader.name].rests]
        if resting:
            for reader in await readers.behind(self.database, self.tail, resting):
                self._states[reader.name].task = asyncio.create_task(self._read(reader))

    async def _read(self, reader: LogReader) -> None:
        """One turn; who is still behind is found again at once, and others of its kind meanwhile."""
        state = self._states[reader.name]
        # After a failure one by one, so that what can be read is, and the log names the change that cannot.
        at_once = 1 if state.failures else reader.at_once
        try:
            while await readers.take_turn(self.database, self.tail, reader, at_once) == reader.at_once:
                pass
            state.failures = 0
        except Unavailable as unavailable:
            log.warning("reader.postponed", reader=reader.name, reason=unavailable.detail)
            self._pause(state)
        except Exception:
            log.exception("reader.failed", reader=reader.name)
            self._pause(state)

    def _pause(self, state: _State) -> None:
        state.failures += 1
        state.not_before = time.monotonic() + min(_FIRST_PAUSE * 2 ** (state.failures - 1), _LONGEST_PAUSE)


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
