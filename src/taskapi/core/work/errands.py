"""Errands: what waits long for others than the database, many at once, each in a task of its own in the worker.

A job holds one of the engine's places for as long as it runs, so that twenty of them that wait for silent servers would
keep every mail waiting. An errand holds a task, which costs some kilobytes, and no connection to the database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog

from taskapi.core.errors import Unavailable
from taskapi.core.work.jobs import JobContext

log = structlog.stdlib.get_logger("taskapi.errands")
_T = TypeVar("_T")

_POLL: Final = 0.2
# So that what ends at nearly the same time is followed by one question for more, and not by one each.
_BREATH: Final = 0.02
_LONGEST_PAUSE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Errand(Generic[_T]):
    """`take` gives at most so many of those that are due, each to one worker, which has them for a while.

    `do` notes in the database how it went. Of whom that is not noted, because the worker died, is taken again once the
    while is over: what is done has to be harmless twice.
    """

    name: str
    take: Callable[[JobContext, int], Awaitable[Sequence[_T]]]
    do: Callable[[JobContext, _T], Awaitable[None]]
    at_once: int


async def run(context: JobContext, errand: Errand[Any], stop: asyncio.Event) -> None:
    """Until told to stop; what has begun then comes to its end."""
    stopping = asyncio.create_task(stop.wait())
    running: set[asyncio.Task[None]] = set()
    pause = _POLL
    try:
        while not stop.is_set():
            taken = await _take(context, errand, errand.at_once - len(running))
            pause = min(pause * 2, _LONGEST_PAUSE) if taken is None else _POLL
            for one in taken or ():
                running.add(asyncio.create_task(_do(context, errand, one)))
            await asyncio.sleep(_BREATH)
            done, _ = await asyncio.wait({stopping, *running}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            running -= done
        await asyncio.gather(*running)
    finally:
        for task in (stopping, *running):
            task.cancel()
        await asyncio.gather(stopping, *running, return_exceptions=True)


async def run_to_the_end(context: JobContext, known: Sequence[Errand[Any]]) -> None:
    """All that is due now; what is done for one may leave something for another."""
    begun = True
    while begun:
        begun = False
        for errand in known:
            taken = await errand.take(context, errand.at_once)
            await asyncio.gather(*(_do(context, errand, one) for one in taken))
            begun = begun or bool(taken)


async def _take(context: JobContext, errand: Errand[_T], places: int) -> Sequence[_T] | None:
    """None where it failed: then the next question waits longer."""
    if places == 0:
        return ()
    try:
        return await errand.take(context, places)
    except Unavailable as unavailable:
        log.warning("errands.postponed", errand=errand.name, reason=unavailable.detail)
    except Exception:
        log.exception("errands.failed", errand=errand.name)
    return None


async def _do(context: JobContext, errand: Errand[_T], one: _T) -> None:
    try:
        await errand.do(context, one)
    except Unavailable as unavailable:
        log.warning("errand.postponed", errand=errand.name, reason=unavailable.detail)
    except Exception:
        log.exception("errand.failed", errand=errand.name)
