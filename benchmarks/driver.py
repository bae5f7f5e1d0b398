"""The load: one process, many kept-alive connections, each sending its next request when its answer is there.

Reads jobs as lines of JSON from its standard input, and answers each with a line. No task, no future and no parsing
beyond the length of an answer: it shares two cores with what it measures.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import uvloop

from benchmarks.connection import HOST, parse
from benchmarks.processes import cpu_seconds
from benchmarks.scenarios import BY_NAME, Scenario, World

_WARM_UP_SECONDS = 0.3
_MAX_REQUESTS = 1_000_000
_LAST_ANSWERS_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Job:
    scenario: str
    port: int
    world: dict[str, Any]
    seconds: float
    server: int
    """The process whose CPU time is read when the measuring begins and when it ends."""
    postgres: int
    warm_up: float = _WARM_UP_SECONDS
    max_requests: int = _MAX_REQUESTS


@dataclass(frozen=True, slots=True)
class Measured:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_us: float
    """CPU microseconds per request."""
    postgres_us: float
    errors: int
    """Answers of another status than the scenario's, and connections that broke."""
    example: str = ""
    """The first of them."""


@dataclass(slots=True)
class _Tally:
    limit: int
    recording: bool = False
    over: bool = False
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    example: str = ""

    def answered(self, seconds: float) -> None:
        if self.recording:
            self.latencies.append(seconds)
            self.over = self.over or len(self.latencies) >= self.limit

    def failed(self, example: str) -> None:
        self.errors += 1
        self.example = self.example or example
        self.over = self.over or self.errors >= 100


class _Connection(asyncio.Protocol):
    def __init__(self, scenario: Scenario, world: World, index: int, tally: _Tally, ended: Callable[[], None]) -> None:
        self._script = scenario.script(world, index)
        self._status = scenario.status
        self._tally = tally
        self._ended = ended
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._send(next(self._script))

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        answer = parse(received)
        if answer is None:
            self._received = received
            return
        self._received = b""
        if answer.status == self._status:
            self._tally.answered(time.perf_counter() - self._sent_at)
        else:
            self._tally.failed(f"{answer.status} {answer.body[:300].decode(errors='replace')}")
        assert self._transport is not None
        if self._tally.over:
            self._transport.close()
        else:
            self._send(self._script.send(answer))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._tally.over:
            self._tally.failed(f"the server closed the connection: {exc}")
        self._ended()

    def _send(self, raw: bytes) -> None:
        assert self._transport is not None
        self._sent_at = time.perf_counter()
        self._transport.write(raw)


async def measure(job: Job) -> Measured:
    scenario, world = BY_NAME[job.scenario], World.of_json(job.world)
    tally = _Tally(job.max_requests, recording=job.warm_up == 0)
    all_ended, running = asyncio.Event(), scenario.connections

    def ended() -> None:
        nonlocal running
        running -= 1
        if running == 0:
            all_ended.set()

    loop = asyncio.get_running_loop()
    for index in range(scenario.connections):
        await loop.create_connection(
            lambda index=index: _Connection(scenario, world, index, tally, ended),  # type: ignore[misc]
            HOST,
            job.port,
        )
    await asyncio.sleep(job.warm_up)
    before, started = (cpu_seconds(job.server), cpu_seconds(job.postgres)), time.perf_counter()
    tally.recording = True
    await _until(all_ended, job.seconds)
    tally.recording, tally.over = False, True
    after, elapsed = (cpu_seconds(job.server), cpu_seconds(job.postgres)), time.perf_counter() - started
    await asyncio.wait_for(all_ended.wait(), _LAST_ANSWERS_SECONDS)
    return _summary(tally, elapsed, after[0] - before[0], after[1] - before[1])


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def _summary(tally: _Tally, elapsed: float, server_seconds: float, postgres_seconds: float) -> Measured:
    latencies = sorted(tally.latencies) or [0.0]
    requests = max(len(tally.latencies), 1)
    return Measured(
        requests=len(tally.latencies),
        per_second=len(tally.latencies) / elapsed,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        server_us=server_seconds / requests * 1_000_000,
        postgres_us=postgres_seconds / requests * 1_000_000,
        errors=tally.errors,
        example=tally.example,
    )


def main() -> None:
    for line in sys.stdin:
        measured = uvloop.run(measure(Job(**json.loads(line))))
        print(json.dumps(asdict(measured)), flush=True)


if __name__ == "__main__":
    main()
