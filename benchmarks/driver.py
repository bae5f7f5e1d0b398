"""The load: one process, many kept-alive connections, each sending its next request when its answer is there.

Reads jobs as lines of JSON from its standard input, and answers each with a line. No task, no future and no parsing
beyond the length of an answer: it shares two cores with what it measures.
"""

import asyncio
import gc
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
    connections: int
    pauses: str
    """The socket that tells the longest pause of the server's event loop."""
    warm_up: float = _WARM_UP_SECONDS
    max_requests: int = _MAX_REQUESTS


@dataclass(frozen=True, slots=True)
class Measured:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    pause_ms: float
    """For how long, at most, the server's event loop served nobody."""
    busy_ms: float
    """For how much of that it was computing; for the rest it waited for a core."""
    server_us: float
    """CPU microseconds per request."""
    postgres_us: float
    driver_us: float
    """Of this process, which shares the cores with them."""
    errors: int
    """Answers of another status than the scenario's, and connections that broke."""
    example: str = ""
    """The first of them."""


@dataclass(slots=True)
class _Tally:
    limit: int
    recording: bool = False
    since: float = 0.0
    """Requests sent earlier have waited for the measuring to begin, and not for the server alone."""
    over: bool = False
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    example: str = ""

    def answered(self, sent_at: float) -> None:
        if self.recording and sent_at >= self.since:
            self.latencies.append(time.perf_counter() - sent_at)
            self.over = self.over or len(self.latencies) >= self.limit

    def failed(self, example: str) -> None:
        self.errors += 1
        self.example = self.example or example
        self.over = self.over or self.errors >= 100


class _Connection(asyncio.Protocol):
    def __init__(self, scenario: Scenario, world: World, index: int, tally: _Tally, ended: Callable[[], None]) -> None:
        self._script = scenario.script(world, index)
        self._statuses = scenario.statuses
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
        if answer.status in self._statuses:
            self._tally.answered(self._sent_at)
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
    all_ended, running = asyncio.Event(), job.connections

    def ended() -> None:
        nonlocal running
        running -= 1
        if running == 0:
            all_ended.set()

    loop = asyncio.get_running_loop()
    for index in range(job.connections):
        await loop.create_connection(
            lambda index=index: _Connection(scenario, world, index, tally, ended),  # type: ignore[misc]
            HOST,
            job.port,
        )
    await asyncio.sleep(job.warm_up)
    await _pause(job)  # begins anew
    before, started = _used(job), time.perf_counter()
    if not tally.recording:
        tally.recording, tally.since = True, started
    await _until(all_ended, job.seconds)
    tally.recording, tally.over = False, True
    used, elapsed = [end - begin for begin, end in zip(before, _used(job), strict=True)], time.perf_counter() - started
    pause = await _pause(job)
    await asyncio.wait_for(all_ended.wait(), _LAST_ANSWERS_SECONDS)
    return _summary(tally, elapsed, used, pause)


def _used(job: Job) -> list[float]:
    """CPU seconds of the server, of PostgreSQL, of this process."""
    return [cpu_seconds(job.server), cpu_seconds(job.postgres), time.process_time()]


async def _pause(job: Job) -> dict[str, float]:
    """The longest since it was last asked."""
    reader, writer = await asyncio.open_unix_connection(job.pauses)
    told: dict[str, float] = json.loads(await reader.read())
    writer.close()
    return told


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def _summary(tally: _Tally, elapsed: float, used: list[float], pause: dict[str, float]) -> Measured:
    latencies = sorted(tally.latencies) or [0.0]
    server_us, postgres_us, driver_us = (seconds / max(len(tally.latencies), 1) * 1_000_000 for seconds in used)

    def at(share: float) -> float:
        return latencies[int(len(latencies) * share)] * 1000

    return Measured(
        requests=len(tally.latencies),
        per_second=len(tally.latencies) / elapsed,
        p50_ms=at(0.5),
        p99_ms=at(0.99),
        p999_ms=at(0.999),
        pause_ms=pause["pause_ms"],
        busy_ms=pause["busy_ms"],
        server_us=server_us,
        postgres_us=postgres_us,
        driver_us=driver_us,
        errors=tally.errors,
        example=tally.example,
    )


def main() -> None:
    gc.freeze()  # a collection here would look like a slow answer
    for line in sys.stdin:
        measured = uvloop.run(measure(Job(**json.loads(line))))
        print(json.dumps(asdict(measured)), flush=True)


if __name__ == "__main__":
    main()
