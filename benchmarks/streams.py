"""What listeners cost, and how soon they hear: memory of an idle WebSocket, and the way from a commit to all of them.

Client and service share the machine, so that the latency at many listeners is that of both.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import httpx
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.connection import HOST
from benchmarks.processes import memory
from benchmarks.servers import API, Served, environment, serving
from taskapi.core.db import migrations
from taskapi.embedded import EmbeddedServer, ensure_database

NAME = "streams"
_DATABASE = "streams"
_PASSWORD = "a long and quiet afternoon"
_AT_ONCE = 50
_CHANGES = 40
_PAUSE_SECONDS = 0.25
_PATIENCE_SECONDS = 60.0
GOAL_KIB, GOAL_P99_MS = 60.0, 250.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Of so many listeners, from the answer to the POST until each was told."""

    listeners: int
    kib_each: float
    milliseconds: Sequence[float]
    wrong: int
    """Listeners that missed a change, or heard one twice."""

    def line(self) -> str:
        p99 = quantiles(self.milliseconds, n=100)[98]
        return (
            f"| {self.listeners} | {self.kib_each:.0f} KiB | {median(self.milliseconds):.0f} ms | {p99:.0f} ms "
            f"| {self.wrong} |"
        )


def streams(postgres: EmbeddedServer, directory: Path, sizes: Sequence[int]) -> bool:
    """Measure in a database of its own and print what came of it; whether a listener missed anything."""
    url = postgres.url(_DATABASE)
    asyncio.run(_prepare(postgres, url))
    settings = {"TASKAPI_STREAMS_PER_PERSON": str(max(sizes) + 1), "TASKAPI_MAX_CONNECTIONS_PER_ADDRESS": "0"}
    print(f"\n## Streams\n\nGoals: {GOAL_KIB:.0f} KiB a listener, p99 of {GOAL_P99_MS:.0f} ms at 1,000 listeners.\n")
    print("| listeners | memory each | median | p99 | missed or twice |\n|---|---|---|---|---|")
    wrong = False
    for size in sizes:
        with serving(API, environment(url, **settings), directory) as served:
            heard = uvloop.run(_listen(served, size))
        print(heard.line())
        wrong |= heard.wrong > 0
    return wrong


async def _prepare(postgres: EmbeddedServer, url: str) -> None:
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(url)


async def _listen(served: Served, listeners: int) -> Heard:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{served.port}/api/v1", timeout=60) as client:
        token = await _somebody(client, f"listener{time.time_ns()}")
        client.headers["Authorization"] = f"Bearer {token}"
        project = (await client.post("/projects", json={"key": f"S{time.time_ns() % 10**8}", "name": "S"})).json()
        async with AsyncExitStack() as stack:
            await _open(stack, served, token, 1)  # what the first one imports is not its own
            before = memory(served.pid).proportional
            sockets = await _open(stack, served, token, listeners)
            kib = (memory(served.pid).proportional - before) * 1024 / listeners
            return await _tell(client, project["key"], sockets, kib)


async def _somebody(client: httpx.AsyncClient, name: str) -> str:
    body = {"username": name, "email": f"{name}@example.org", "password": _PASSWORD}
    (await client.post("/auth/register", json=body)).raise_for_status()
    answer = await client.post("/auth/login", json={"username": name, "password": _PASSWORD})
    token: str = answer.json()["access_token"]
    return token


async def _open(stack: AsyncExitStack, served: Served, token: str, count: int) -> list[ClientConnection]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one() -> ClientConnection:
        async with gate:
            uri = f"ws://{HOST}:{served.port}/api/v1/ws"
            socket = await connect(uri, compression=None, ping_interval=None, open_timeout=60)
            await socket.send(json.dumps({"type": "auth", "token": token}))
            while json.loads(await socket.recv())["type"] != "subscribed":
                pass
            return socket

    opened = await asyncio.gather(*(one() for _ in range(count)))
    for socket in opened:
        stack.push_async_callback(socket.close)
    await asyncio.sleep(1)
    return list(opened)


async def _tell(client: httpx.AsyncClient, key: str, sockets: Sequence[ClientConnection], kib: float) -> Heard:
    heard: list[dict[str, list[float]]] = [{} for _ in sockets]

    async def listen(socket: ClientConnection, into: dict[str, list[float]]) -> None:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "change":
                into.setdefault(message["change"]["subject_id"], []).append(time.perf_counter())

    listening = [asyncio.create_task(listen(*pair)) for pair in zip(sockets, heard, strict=True)]
    committed: dict[str, float] = {}
    for number in range(_CHANGES):
        made = (await client.post(f"/projects/{key}/tasks", json={"title": f"Change {number}"})).json()
        committed[made["id"]] = time.perf_counter()
        await asyncio.sleep(_PAUSE_SECONDS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and any(len(one) < _CHANGES for one in heard):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    for task in listening:
        task.cancel()
    milliseconds = [
        max(0.0, (times[0] - committed[change]) * 1000)
        for one in heard
        for change, times in one.items()
        if change in committed
    ]
    wrong = sum(set(one) != set(committed) or any(len(times) > 1 for times in one.values()) for one in heard)
    return Heard(len(sockets), kib, milliseconds, wrong)
