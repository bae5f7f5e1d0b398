"""Processes that end in the middle of their work, as by `kill -9`: each is told where, and what it does until then.

They are forked from one that has imported the application, so that none of them takes a second to begin.
"""

import asyncio
import importlib
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Final
from uuid import UUID

import httpx

from taskapi.core.db.database import Database
from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.secrets.passwords import Passwords
from taskapi.core.work.jobs import JobContext
from taskapi.main import create_app
from taskapi.settings import Settings
from taskapi.tasks.attachments import jobs
from tests.support import databases

_PATIENCE: Final = 60.0
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Point:
    """The process ends when it calls this function for the so-many-th time, or when that call has returned."""

    function: str
    """`package.module:Class.name`, where it is looked up when it is called."""
    returned: bool = False
    call: int = 1


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    json: Any = None
    body: Sequence[bytes] | None = None
    """Sent piece by piece, and then the process ends; None: there is none of its own, or it ends at its point."""


@dataclass(frozen=True)
class Work:
    """One of the jobs that files have."""

    object_id: UUID | None = None
    """Of the image to draw previews of; None: what nobody refers to is swept away, whatever its age."""


def dies(database_url: str, storage_url: str, doing: Request | Work, at: Point | None) -> bool:
    """Whether it came to that point; False: it did all that it was told to do, and ended in peace."""
    process = _PROCESSES.Process(target=_live, args=(database_url, storage_url, doing, at))
    process.start()
    process.join(_PATIENCE)
    try:
        assert process.exitcode in {0, -signal.SIGKILL}, f"it ended with {process.exitcode}"
        return process.exitcode != 0
    finally:
        process.kill()
        process.join()


def _live(database_url: str, storage_url: str, doing: Request | Work, at: Point | None) -> None:
    os.environ["TASKAPI_STORAGE_URL"] = storage_url
    setattr(jobs, "KEPT_AT_LEAST", -jobs.KEPT_AT_LEAST)  # noqa: B010 - final; nobody waits for a day here
    if at is not None:
        _end_at(at)
    database = Database(databases.settings_for(database_url))
    asyncio.run(_work(database, doing) if isinstance(doing, Work) else _ask(database, doing))


async def _work(database: Database, work: Work) -> None:
    context = JobContext(database, Settings(), ConsoleMailer())
    if work.object_id is None:
        await jobs.forget_files.run(context)
    else:
        await jobs.draw_previews.run(context, object_id=work.object_id)


async def _ask(database: Database, request: Request) -> None:
    transport = httpx.ASGITransport(create_app(Settings(), database, Passwords(memory_kib=8, passes=1)))
    content = None if request.body is None else _sent(request.body)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=_PATIENCE) as client:
        answer = await client.request(
            request.method, request.path, headers=request.headers, json=request.json, content=content
        )
    assert answer.is_success, answer.text


async def _sent(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    _die()


def _end_at(point: Point) -> None:
    module, _, path = point.function.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    setattr(owner, name, _mortal(getattr(owner, name), point))


def _mortal(function: Callable[..., Any], point: Point) -> Callable[..., Any]:
    left = point.call

    def counts(*, returned: bool) -> None:
        nonlocal left
        if returned == point.returned:
            left -= 1
            if not left:
                _die()

    @wraps(function)
    def called(*args: Any, **values: Any) -> Any:
        counts(returned=False)
        result = function(*args, **values)
        counts(returned=True)
        return result

    @wraps(function)
    async def awaited(*args: Any, **values: Any) -> Any:
        counts(returned=False)
        result = await function(*args, **values)
        counts(returned=True)
        return result

    return awaited if iscoroutinefunction(function) else called


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
