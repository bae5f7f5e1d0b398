"""Sweeps happen once at a time over all workers, survive their failures, and end before the worker does."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from taskapi import worker
from taskapi.background import SWEEPS
from taskapi.core import sign_of_life
from taskapi.core.db.database import Database
from taskapi.core.db.session import DbSession
from taskapi.core.errors import DatabaseUnavailable
from taskapi.core.work import heartbeat
from taskapi.core.work.sweeps import Sweep
from taskapi.settings import Settings
from tests.support.databases import settings_for

pytestmark = pytest.mark.slow

SLOW_SWEEP = """
import asyncio, gc, sys
from datetime import timedelta
from taskapi import worker
from taskapi.core.work.sweeps import Sweep
from taskapi.settings import Settings

async def run(session):
    print("frozen:", gc.get_freeze_count() > 50_000, gc.get_threshold()[0] > 700, flush=True)
    print("begun", flush=True)
    await asyncio.sleep(0.5)
    print("ended", flush=True)

worker._FIRST_SECONDS = 0
sweep = Sweep("slow", timedelta(hours=1), run)
asyncio.run(worker.work(Settings(), [sweep], ends_with_stdin=sys.argv[1:] == ["--with-parent"]))
print("left", flush=True)
"""


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[list[Database]]:
    """As two workers have them."""
    made = [Database(settings_for(database_url, TASKAPI_DATABASE_POOL_SIZE=2)) for _ in range(2)]
    yield made
    for database in made:
        await database.dispose()


class Counted:
    """A sweep that counts how often it ran, and how many ran at the same time."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.ran = self.now = self.most = 0
        self.succeeded = asyncio.Event()

    async def run(self, _: DbSession) -> None:
        self.ran += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.1)
        self.now -= 1
        if self.failures:
            raise self.failures.pop()
        self.succeeded.set()

    def sweep(self, name: str = "counted") -> Sweep:
        return Sweep(name, timedelta(seconds=0.01), self.run)


async def test_two_workers_do_not_run_a_sweep_at_the_same_time(databases: list[Database]) -> None:
    counted = Counted()
    assert all(await asyncio.gather(*(worker.attempt(database, counted.sweep()) for database in databases)))
    assert counted.ran == 1


async def test_different_sweeps_run_side_by_side(databases: list[Database]) -> None:
    both = asyncio.Barrier(2)

    async def meet(_: DbSession) -> None:
        async with asyncio.timeout(30):
            await both.wait()

    sweeps = [Sweep(name, timedelta(seconds=0.01), meet) for name in ("a", "b")]
    attempts = [worker.attempt(database, sweep) for database, sweep in zip(databases, sweeps, strict=True)]
    assert await asyncio.gather(*attempts) == [True, True]


@pytest.mark.parametrize("failure", [ValueError("broken"), DatabaseUnavailable("gone")])
async def test_a_failure_frees_the_lock_for_the_next(databases: list[Database], failure: Exception) -> None:
    counted = Counted(failure)
    assert not await worker.attempt(databases[0], counted.sweep())
    assert await worker.attempt(databases[1], counted.sweep())
    assert counted.ran == 2


@pytest.mark.alone
async def test_a_failed_sweep_is_tried_again_until_told_to_stop(
    databases: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_RETRY_SECONDS", 0.001)
    counted, stop = Counted(ValueError("once"), ValueError("twice")), asyncio.Event()
    repeating = asyncio.create_task(worker._repeat(databases[0], counted.sweep(), stop))
    await asyncio.wait_for(counted.succeeded.wait(), 5)
    stop.set()
    await asyncio.wait_for(repeating, 5)
    assert counted.ran >= 3


async def test_once_runs_all_of_them_and_tells_whether_one_failed(database_url: str) -> None:
    settings = Settings(database=settings_for(database_url))
    good, bad = Counted(), Counted(ValueError("broken"))
    assert not await worker.work_once(settings, [bad.sweep("bad"), good.sweep("good")])
    assert (bad.ran, good.ran) == (1, 1)
    assert await worker.work_once(settings, SWEEPS)


async def test_the_sign_of_life_goes_with_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    ours, others = str(tmp_path), str(tmp_path / "another service")
    assert sign_of_life.seconds_ago(ours) is None
    beating = asyncio.create_task(heartbeat.beat(tmp_path))
    await asyncio.sleep(0.01)
    assert sign_of_life.is_fresh(sign_of_life.seconds_ago(ours))
    assert sign_of_life.seconds_ago(others) is None
    os.utime(sign_of_life.file_of(ours), (1, 1))
    assert not sign_of_life.is_fresh(sign_of_life.seconds_ago(ours))
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    assert sign_of_life.seconds_ago(ours) is None


def test_the_sign_of_life_follows_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    file = Path(sign_of_life.file_of(str(tmp_path)))
    file.symlink_to(tmp_path / "precious")
    heartbeat._touch(str(file))
    assert not (tmp_path / "precious").exists()


@pytest.mark.parametrize("end", ["SIGTERM", "the parent's death"])
def test_a_worker_lets_what_is_running_end(database_url: str, tmp_path: Path, end: str) -> None:
    arguments = ["--with-parent"] if end != "SIGTERM" else []
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_SWEEP, *arguments],
        env={**os.environ, "TASKAPI_DATABASE_URL": database_url, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdin
            assert process.stdout
            assert "frozen: True True\n" in process.stdout
            assert "begun\n" in process.stdout
            if end == "SIGTERM":
                process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)  # closes its input
            assert "ended\n" in output
            assert output.endswith("left\n")
            assert process.returncode == 0
        finally:
            process.kill()
