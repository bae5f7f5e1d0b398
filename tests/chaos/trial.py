"""Kills workers while they work, and counts what came of their jobs."""

import asyncio
import os
import random
import sys
import time
from dataclasses import dataclass
from typing import Any

from taskapi.core.db.database import Database, unit_of_work
from tests.chaos.worker import write
from tests.support.databases import connect, settings_for

_LOOK = 0.02
# No unique key: an effect that happens twice shall be seen, not refused.
_LEDGER = "CREATE TABLE ledger (number int NOT NULL, job_id bigint NOT NULL, at timestamptz DEFAULT clock_timestamp())"
_WRITTEN = "SELECT count(*) AS effects, count(DISTINCT number) AS jobs_done FROM ledger"
_LEFT = "SELECT status::text, count(*) FROM jobs.pgqueuer GROUP BY status"
_ALL_DONE = "SELECT NOT EXISTS (SELECT FROM jobs.pgqueuer WHERE status <> 'failed')"
# From the pick that came to nothing to the next: longer than the job was without a living worker.
_REDELIVERIES = """
SELECT count(*) AS redelivered, coalesce(max(pause), 0)::float8 AS worst,
       coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY pause), 0)::float8 AS median
FROM (
    SELECT extract(epoch FROM created - lag(created) OVER (PARTITION BY job_id ORDER BY id)) AS pause
    FROM jobs.pgqueuer_log WHERE status = 'picked'
) AS picks WHERE pause IS NOT NULL
"""


@dataclass(frozen=True)
class Plan:
    jobs: int
    kills: int
    workers: int
    heartbeat: float
    """Seconds of silence after which a worker is taken for dead."""
    patience: float
    """Seconds for all of it."""


@dataclass(frozen=True)
class Outcome:
    jobs: int
    kills: int
    effects: int
    jobs_done: int
    failed: int
    left: int
    redelivered: int
    worst: float
    median: float
    seconds: float

    @property
    def exactly_once(self) -> bool:
        return (self.effects, self.jobs_done, self.failed, self.left) == (self.jobs, self.jobs, 0, 0)

    def table(self) -> str:
        lines = {
            "jobs": self.jobs,
            "workers killed": self.kills,
            "effects": self.effects,
            "jobs with an effect": self.jobs_done,
            "put aside": self.failed,
            "left over": self.left,
            "picked again": self.redelivered,
            "until picked again, median": f"{self.median:.1f} s",
            "until picked again, worst": f"{self.worst:.1f} s",
            "all of it": f"{self.seconds:.0f} s",
        }
        return "\n".join(f"{name:<28}{value:>10}" for name, value in lines.items())


async def run(url: str, plan: Plan) -> Outcome:
    """On a migrated database of its own."""
    started = time.monotonic()
    tables = await connect(url)
    herd = _Herd(url, plan.heartbeat)
    try:
        await tables.execute(_LEDGER)
        await _enqueue(url, plan.jobs)
        async with asyncio.timeout(plan.patience):
            for _ in range(plan.workers):
                await herd.grow()
            for number in range(plan.kills):
                await _until_written(tables, (number + 1) * plan.jobs // (plan.kills + 1))
                await herd.kill_one()
                await herd.grow()
            while not await tables.fetchval(_ALL_DONE):  # noqa: ASYNC110 - other processes change it
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        pass  # what is left over tells
    finally:
        await herd.end()
    try:
        left = {row["status"]: row["count"] for row in await tables.fetch(_LEFT)}
        failed = left.pop("failed", 0)
        found = {**await tables.fetchrow(_WRITTEN), **await tables.fetchrow(_REDELIVERIES)}
    finally:
        await tables.close()
    seconds = time.monotonic() - started
    return Outcome(plan.jobs, herd.killed, failed=failed, left=sum(left.values()), seconds=seconds, **found)


async def _enqueue(url: str, jobs: int) -> None:
    database = Database(settings_for(url))
    async with unit_of_work(database) as session:
        for number in range(jobs):
            await write.enqueue(session, number=number)
    await database.dispose()


async def _until_written(tables: Any, lines: int) -> None:
    while await tables.fetchval("SELECT count(*) FROM ledger") < lines:  # noqa: ASYNC110 - as above
        await asyncio.sleep(_LOOK)


class _Herd:
    """Workers, each a process."""

    def __init__(self, url: str, heartbeat: float) -> None:
        self._command = (sys.executable, "-m", "tests.chaos.worker", str(heartbeat))
        self._environment = {**os.environ, "TASKAPI_DATABASE_URL": url, "TASKAPI_LOG_LEVEL": "error"}
        self._living: list[asyncio.subprocess.Process] = []
        self.killed = 0

    async def grow(self) -> None:
        self._living.append(await asyncio.create_subprocess_exec(*self._command, env=self._environment))

    async def kill_one(self) -> None:
        """The oldest or any other: some die while they start."""
        process = self._living.pop(random.choice((0, 0, random.randrange(len(self._living)))))
        process.kill()
        await process.wait()
        self.killed += 1

    async def end(self) -> None:
        for process in self._living:
            process.kill()
            await process.wait()
