"""An end to work that takes too long: one timer for all, because each of its own would cost every request more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from taskapi.core.errors import TookTooLong

_T = TypeVar("_T")

REQUEST_SECONDS: Final = 30.0


class Deadlines:
    """Cancels what runs longer than `seconds`, by at most a thirtieth of that."""

    def __init__(self, seconds: float = REQUEST_SECONDS) -> None:
        self._seconds = seconds
        self._begun: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def within(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What the work answers. Else it is cancelled, which rolls its transaction back, and TookTooLong is raised."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        self._begun[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._seconds / 30, self._look)
        try:
            return await work
        except asyncio.CancelledError:
            if task in self._begun or task.uncancel():  # somebody else wants it to end, alone or as well
                raise
            raise TookTooLong(f"A request may take {self._seconds:g} seconds, and this one was given up") from None
        finally:
            self._begun.pop(task, None)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds / 30, self._look) if self._begun else None
        latest = loop.time() - self._seconds
        for task in [task for task, begun in self._begun.items() if begun < latest]:
            del self._begun[task]
            task.cancel()
