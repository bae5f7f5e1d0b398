"""A program: the service from its first request on. How long each request kept the loop from everybody else.

It reads requests from its input, a JSON document a line: method, path, headers, body. To each it writes the status,
the bytes of the answer, and the CPU milliseconds of the longest step that the loop made for it.
"""

import asyncio
import gc
import json
import sys
import time
from typing import Any

from fastapi import FastAPI
from starlette.types import Message

from taskapi.core.observing import logs
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings


class Stopwatch:
    """The longest step of the loop in CPU time of its thread alone: no other thread counts, and no busy machine."""

    def __init__(self) -> None:
        self.longest = 0.0

    def watch(self) -> None:
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            started = time.thread_time()
            run(handle)
            self.longest = max(self.longest, time.thread_time() - started)

        asyncio.Handle._run = timed  # type: ignore[method-assign, assignment]


def say(**told: Any) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


async def answer(app: FastAPI, given: dict[str, Any]) -> tuple[int, int]:
    path, _, query = given["path"].partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": given["method"],
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given["headers"].items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    statuses: list[int] = []
    size = 0
    body = [{"type": "http.request", "body": given["body"].encode(), "more_body": False}]

    async def receive() -> Message:
        return body.pop() if body else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal size
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        size += len(message.get("body", b""))

    await app(scope, receive, send)
    return statuses[0], size


async def main() -> None:
    settings = Settings()
    logs.configure(settings)
    app = create_app(settings, passwords=Passwords(memory_kib=8, passes=1))
    stopwatch = Stopwatch()
    async with app.router.lifespan_context(app):
        say(frozen=gc.get_freeze_count(), thresholds=gc.get_threshold())
        stopwatch.watch()
        while line := await asyncio.to_thread(sys.stdin.readline):
            stopwatch.longest = 0.0
            status, size = await asyncio.create_task(answer(app, json.loads(line)))
            say(status=status, bytes=size, ms=round(stopwatch.longest * 1000, 1))


if __name__ == "__main__":
    asyncio.run(main())
