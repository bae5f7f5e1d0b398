"""What listeners cost, how soon they hear, and what they cost those who write about other things.

Listeners and service share the machine, so that the latency at many listeners is that of both.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Self

import httpx
import uvloop

from benchmarks.connection import HOST, Client, request
from benchmarks.listeners import EVENTS, WEBSOCKET, Told
from benchmarks.processes import cpu_seconds, memory
from benchmarks.servers import API, NotServing, Served, environment, serving
from taskapi.core.db import migrations
from taskapi.embedded import EmbeddedServer, ensure_database

NAME = "streams"
_DATABASE = "streams"
_PASSWORD = "a long and quiet afternoon"
_CHANGES = 40
_PAUSE_SECONDS = 0.25
_LAST_SECONDS = 5.0
_SETTLED_SECONDS = 4.0
"""After which the memory of password hashing is given back."""
_IDLE, _FEW_IDLE = 10_000, 1_000
_A_PROCESS = 2_500
"""So many listeners: one address has 28,000 ports, and one process not enough of a core for all."""
_OTHERS = 100
_WRITERS, _ROUNDS, _SECONDS = 8, 5, 3.0
GOAL_KIB, GOAL_P99_MS, GOAL_RATIO = 60.0, 250.0, 1.05


@dataclass(frozen=True, slots=True)
class Somebody:
    token: str
    project: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """Of one look: tasks a second, and CPU of the API and of PostgreSQL for each, in microseconds."""

    per_second: float
    api_us: float
    postgres_us: float

    @property
    def cpu_us(self) -> float:
        return self.api_us + self.postgres_us


def streams(postgres: EmbeddedServer, directory: Path, sizes: Sequence[int], *, quick: bool) -> bool:
    """Measure in a database of its own and print what came of it; whether a listener missed anything."""
    url = postgres.url(_DATABASE)
    asyncio.run(_prepare(postgres, url))
    settings = {"TASKAPI_STREAMS_PER_PERSON": "100000", "TASKAPI_MAX_CONNECTIONS_PER_ADDRESS": "0"}
    variables = environment(url, **settings)
    print(f"\n## Streams\n\nGoals: {GOAL_KIB:.0f} KiB a listener, p99 of {GOAL_P99_MS:.0f} ms at 1,000 listeners.\n")
    print("| listeners | by | memory each | median | p99 | missed or twice |\n|---|---|---|---|---|---|")
    wrong = False
    for size in sizes:
        for kind in (WEBSOCKET, EVENTS):
            with serving(API, variables, directory) as served:
                wrong |= uvloop.run(_delivery(served, size, kind))
    with serving(API, variables, directory) as served:
        uvloop.run(_idle(served, _FEW_IDLE if quick else _IDLE))
    with serving(API, variables, directory) as served:
        uvloop.run(_writers(served, postgres.pid, 2 if quick else _ROUNDS))
    return wrong


async def _prepare(postgres: EmbeddedServer, url: str) -> None:
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(url)


async def _delivery(served: Served, size: int, kind: str) -> bool:
    """From the answer to the POST until each was told; whether one missed a change, or heard it twice."""
    committed: dict[str, float] = {}
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{served.port}/api/v1", timeout=60) as client:
        somebody = await _somebody(client)
        kib, listeners = await _opened(served, somebody, size, kind)
        with listeners:
            for number in range(_CHANGES):
                made = await client.post(f"/projects/{somebody.project}/tasks", json={"title": f"Change {number}"})
                committed[made.json()["id"]] = time.monotonic()
                await asyncio.sleep(_PAUSE_SECONDS)
            await asyncio.sleep(_LAST_SECONDS)
            heard = await asyncio.to_thread(listeners.heard)
    waited = [max(0.0, times[0] - committed[task]) * 1000 for one in heard for task, times in one.items()]
    wrong = sum(set(one) != set(committed) or any(len(times) > 1 for times in one.values()) for one in heard)
    p99 = quantiles(waited, n=100)[98]
    print(f"| {size} | {kind} | {kib:.0f} KiB | {median(waited):.0f} ms | {p99:.0f} ms | {wrong} |", flush=True)
    return wrong > 0


async def _idle(served: Served, size: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{served.port}/api/v1", timeout=60) as client:
        kib, listeners = await _opened(served, await _somebody(client), size, WEBSOCKET)
        with listeners:
            before = cpu_seconds(served.pid)
            await asyncio.sleep(_LAST_SECONDS)
            share = (cpu_seconds(served.pid) - before) / _LAST_SECONDS
    print(f"\n{size:,} idle WebSockets: {kib:.0f} KiB each, {share:.0%} of a core while nothing happens.", flush=True)


async def _writers(served: Served, postgres: int, rounds: int) -> None:
    """Tasks are made in one project, with and without listeners of another, in turns."""
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{served.port}/api/v1", timeout=60) as client:
        writing, listening = await _somebody(client), await _somebody(client)
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(await _look(served, postgres, writing))
        _, listeners = await _opened(served, listening, _OTHERS, WEBSOCKET)
        with listeners:
            beside.append(await _look(served, postgres, writing))
    more = median(two.cpu_us / one.cpu_us for one, two in zip(alone, beside, strict=True))
    less = median(one.per_second / two.per_second for one, two in zip(alone, beside, strict=True))
    print(f"\n### What {_OTHERS} listeners cost those who write in another project (goal: {GOAL_RATIO:g})\n")
    print("| | tasks/s | API µs | PostgreSQL µs |\n|---|---|---|---|")
    for name, looks in (("nobody listens", alone), (f"{_OTHERS} listen", beside)):
        of = [median(getattr(look, figure) for look in looks) for figure in ("per_second", "api_us", "postgres_us")]
        print(f"| {name} | " + " | ".join(f"{figure:.0f}" for figure in of) + " |")
    print(f"\nOf a task {more:.3f} times the CPU, {less:.3f} times the time: medians of {rounds} pairs.", flush=True)


async def _look(served: Served, postgres: int, somebody: Somebody) -> Wrote:
    made = 0
    until = time.monotonic() + _SECONDS
    target = f"/api/v1/projects/{somebody.project}/tasks"

    async def write() -> None:
        nonlocal made
        client = await Client.open(served.port)
        while time.monotonic() < until:
            answer = await client.send(request("POST", target, {"title": "Written"}, token=somebody.token))
            assert answer.status == 201, answer.body
            made += 1
        client.close()

    api, database, began = cpu_seconds(served.pid), cpu_seconds(postgres), time.monotonic()
    await asyncio.gather(*(write() for _ in range(_WRITERS)))
    seconds = time.monotonic() - began
    used = [cpu_seconds(served.pid) - api, cpu_seconds(postgres) - database]
    return Wrote(made / seconds, *(one / made * 1_000_000 for one in used))


async def _somebody(client: httpx.AsyncClient) -> Somebody:
    """New, with a project of their own."""
    name = f"listener{time.time_ns()}"
    body = {"username": name, "email": f"{name}@example.org", "password": _PASSWORD}
    (await client.post("/auth/register", json=body)).raise_for_status()
    answer = await client.post("/auth/login", json={"username": name, "password": _PASSWORD})
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    project = await client.post("/projects", json={"key": f"S{time.time_ns() % 10**8}", "name": "S"})
    return Somebody(answer.json()["access_token"], project.json()["key"])


class _Listeners:
    """Processes that listen until the end of the block."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self._processes = processes

    def wait(self) -> None:
        for process in self._processes:
            assert process.stdout is not None
            if process.stdout.readline() != b"ready\n":
                raise NotServing("a process of listeners ended; its complaint is above")

    def heard(self) -> list[Told]:
        """What each was told, and when."""
        found: list[Told] = []
        for process in self._processes:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            found += json.loads(process.stdout.readline())
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


async def _opened(served: Served, somebody: Somebody, size: int, kind: str) -> tuple[float, _Listeners]:
    """KiB of the service for each, and the listeners."""
    with _start(served, somebody, 1, kind) as first:  # what the first one imports is not its own
        await asyncio.to_thread(first.wait)
    await asyncio.sleep(_SETTLED_SECONDS)
    before = memory(served.pid).proportional
    listeners = _start(served, somebody, size, kind)
    await asyncio.to_thread(listeners.wait)
    await asyncio.sleep(1)
    return (memory(served.pid).proportional - before) * 1024 / size, listeners


def _start(served: Served, somebody: Somebody, size: int, kind: str) -> _Listeners:
    def start(number: int, count: int) -> subprocess.Popen[bytes]:
        said = [str(served.port), somebody.token, str(count), kind, f"127.0.0.{number + 1}"]
        command = [sys.executable, "-m", "benchmarks.listeners", *said]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    return _Listeners([start(number, count) for number, count in enumerate(_shares(size))])


def _shares(size: int) -> Iterator[int]:
    while size > 0:
        yield min(size, _A_PROCESS)
        size -= _A_PROCESS
