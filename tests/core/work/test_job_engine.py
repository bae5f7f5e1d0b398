"""What workers make of jobs, on real connections: each is done, whatever happens to a worker or to the database."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from taskapi import worker
from taskapi.core.db.database import unit_of_work
from taskapi.core.work import engine as job_engine
from taskapi.core.work.jobs import JobContext, JobPriority, job
from taskapi.settings import Settings
from tests.support.databases import Template, connect, settings_for
from tests.support.factory import Factory
from tests.support.workers import Workshop, workshop

pytestmark = pytest.mark.slow

# A worker of its own process, for it shall die. `effects` is a table of the test's.
MORTAL = """
import asyncio, os, sys
from datetime import timedelta
from taskapi import worker
from taskapi.core.observing import logs
from taskapi.core.work import engine as job_engine
from taskapi.core.db.database import unit_of_work
from taskapi.core.work.jobs import job
from taskapi.settings import Settings

logs.configure(Settings(), sys.stderr)

@job("tests.killer")
async def killer(context):
    os._exit(9)

@job("tests.half_noted")
async def half_noted(context):
    async with unit_of_work(context.database) as session:
        if await context.once(session):
            await (await session.open()).execute("INSERT INTO effects VALUES (1)")
    os._exit(9)

@job("tests.slow", attempts=3)
async def slow(context, *, seconds: float):
    print("begun", flush=True)
    await asyncio.sleep(seconds)
    async with unit_of_work(context.database) as session:
        await (await session.open()).execute("INSERT INTO effects VALUES (1)")
    print("ended", flush=True)

worker.JOBS = (killer, half_noted, slow)
job_engine.HEARTBEAT = timedelta(seconds=0.4)
job_engine._MAX_PICKS = 2
job_engine._POLL = timedelta(seconds=0.1)
job_engine._AT_ONCE, job_engine._BATCH = 2, 1
if sys.argv[1] == "once":
    asyncio.run(worker.work_once(Settings(), []))
else:
    asyncio.run(worker.work(Settings(server={"shutdown_seconds": int(sys.argv[1])}), []))
print("left", flush=True)
"""


@job("tests.half_noted")
async def half_noted(context: JobContext) -> None:
    """The same as in a process that lives on."""
    async with unit_of_work(context.database) as session:
        if await context.once(session):
            await (await session.open()).execute("INSERT INTO effects VALUES (1)")


@job("tests.killer")
async def killer(context: JobContext) -> None:
    """As it is declared there; never run here."""


@job("tests.slow", attempts=3)
async def slow(context: JobContext, *, seconds: float) -> None:
    """As it is declared there; never run here."""


@pytest.fixture
async def shop(live: Factory, database_url: str) -> AsyncIterator[Workshop]:
    async with workshop(live, database_url) as shop:
        await shop.tables.execute("CREATE TABLE effects (number int)")
        yield shop


@asynccontextmanager
async def mortal(shop: Workshop, argument: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", MORTAL, argument),
        env={**os.environ, "TASKAPI_DATABASE_URL": shop.url, "TASKAPI_LOG_LEVEL": "error"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def dies(shop: Workshop) -> bool:
    """Of the job that it picks up."""
    async with mortal(shop, "10") as process:
        return await asyncio.wait_for(process.wait(), 20) == 9


async def stopped_while_it_works(shop: Workshop, shutdown_seconds: str) -> list[str]:
    """What it prints."""
    async with mortal(shop, shutdown_seconds) as process:
        assert process.stdout
        begun = await process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        output, _ = await process.communicate()
        assert process.returncode == 0
        return (begun + output).decode().split()


async def until(shop: Workshop, states: dict[str, int]) -> None:
    async with asyncio.timeout(15):
        while await shop.states() != states:  # noqa: ASYNC110 - it is the database that changes
            await asyncio.sleep(0.02)


async def effects(shop: Workshop) -> int:
    count: int = await shop.tables.fetchval("SELECT count(*) FROM effects")
    return count


async def test_the_urgent_go_first(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_engine, "_BATCH", 1)

    @job("tests.bulk", priority=JobPriority.BULK)
    async def bulk(context: JobContext) -> None:
        pass

    @job("tests.urgent", priority=JobPriority.URGENT)
    async def urgent(context: JobContext) -> None:
        pass

    await shop.enqueue(bulk, *[{}] * 3)
    await shop.enqueue(urgent, {}, {})
    await shop.work_off(bulk, urgent)
    picked = await shop.tables.fetch("SELECT entrypoint FROM jobs.pgqueuer_log WHERE status = 'picked' ORDER BY id")
    assert [row["entrypoint"] for row in picked] == ["tests.urgent"] * 2 + ["tests.bulk"] * 3


async def test_a_job_that_waits_runs_when_its_time_has_come(shop: Workshop) -> None:
    done: list[int] = []

    @job("tests.later")
    async def later(context: JobContext) -> None:
        done.append(1)

    async with unit_of_work(shop.database) as session:
        await later.enqueue_in(session, timedelta(hours=1))
    await shop.work_off(later)
    assert (done, await shop.states()) == ([], {"queued": 1})
    await shop.be_due()
    await shop.work_off(later)
    assert (done, await shop.states()) == ([1], {})


async def test_each_pause_is_twice_the_one_before_and_then_it_is_put_aside(shop: Workshop) -> None:
    @job("tests.hopeless", attempts=4, first_pause=timedelta(seconds=3))
    async def hopeless(context: JobContext) -> None:
        raise ValueError("no hope")

    await shop.enqueue(hopeless)
    pauses = []
    for _ in range(3):
        await shop.work_off(hopeless)
        row = await shop.row()
        assert row["status"] == "queued"
        pauses.append(round((row["execute_after"] - row["updated"]).total_seconds()))
        await shop.be_due()
    await shop.work_off(hopeless)
    assert (pauses, await shop.states()) == ([3, 6, 12], {"failed": 1})
    assert await shop.error() == "no hope"
    await shop.be_due()
    await shop.work_off(hopeless)
    assert await shop.states() == {"failed": 1}


async def test_two_workers_share_the_work(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_engine, "_BATCH", 2)
    monkeypatch.setattr(job_engine, "_AT_ONCE", 4)
    done: list[int] = []

    @job("tests.shared")
    async def shared(context: JobContext, *, number: int) -> None:
        await asyncio.sleep(0.1)
        done.append(number)

    await shop.enqueue(shared, *({"number": number} for number in range(24)))
    async with shop.worker(shared), shop.worker(shared):
        await until(shop, {})
    assert sorted(done) == list(range(24))
    assert await shop.tables.fetchval("SELECT count(*) FROM jobs.pgqueuer_log WHERE status = 'picked'") == 24


async def test_a_job_that_nobody_knows_does_not_stop_the_others(shop: Workshop) -> None:
    done: list[int] = []

    @job("tests.forgotten", priority=JobPriority.URGENT)
    async def forgotten(context: JobContext) -> None:
        done.append(-1)

    @job("tests.known")
    async def known(context: JobContext) -> None:
        done.append(1)

    await shop.enqueue(forgotten)
    await shop.enqueue(known)
    await shop.work_off(known)
    assert (done, await shop.states()) == ([1], {"queued": 1})


async def test_arguments_of_another_release_are_a_failure_like_any_other(shop: Workshop) -> None:
    done: list[str] = []

    @job("tests.renamed", attempts=1)
    async def renamed(context: JobContext, *, name: str) -> None:
        done.append(name)

    await shop.enqueue(renamed, {"name": "it"})
    await shop.tables.execute("""UPDATE jobs.pgqueuer SET payload = '{"title": "it"}'""")
    await shop.work_off(renamed)
    assert (done, await shop.states()) == ([], {"failed": 1})


async def test_a_job_that_kills_its_worker_is_put_aside(shop: Workshop) -> None:
    """After two deaths it is not run any more, and the worker does what else there is to do."""
    await shop.enqueue(killer)
    for _ in range(2):
        assert await dies(shop)
    await asyncio.sleep(0.5)
    await shop.enqueue(slow, {"seconds": 0})
    async with mortal(shop, "once") as process:
        output, _ = await process.communicate()
        assert (process.returncode, output.split()) == (0, [b"begun", b"ended", b"left"])
    row = await shop.row()
    assert (row["entrypoint"], row["status"]) == ("tests.killer", "failed")
    # The third time; a worker that stood still for a heartbeat has picked its own once more.
    assert re.match("picked [3-9] times", await shop.error())


async def test_an_effect_happens_once_when_the_worker_dies_before_it_is_noted(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.enqueue(half_noted)
    assert await dies(shop)
    assert (await effects(shop), await shop.states()) == (1, {"picked": 1})
    monkeypatch.setattr(job_engine, "HEARTBEAT", timedelta(seconds=0.4))
    await asyncio.sleep(0.5)
    await shop.work_off(half_noted)
    assert (await effects(shop), await shop.states()) == (1, {})


async def test_told_to_stop_a_worker_ends_what_it_has_begun_and_leaves_the_rest(shop: Workshop) -> None:
    await shop.enqueue(slow, *[{"seconds": 0.5}] * 6)
    printed = await stopped_while_it_works(shop, "10")
    begun = printed.count("begun")
    assert printed.count("ended") == begun == await effects(shop)
    assert begun < 6
    assert printed[-1] == "left"
    assert await shop.states() == {"queued": 6 - begun}


async def test_a_job_that_takes_longer_than_a_stop_may_goes_back_into_the_queue(shop: Workshop) -> None:
    await shop.enqueue(slow, {"seconds": 60})
    assert await stopped_while_it_works(shop, "1") == ["begun", "left"]
    row = await shop.row()
    assert (row["status"], row["attempts"], await effects(shop)) == ("queued", 1, 0)


async def test_after_an_outage_of_the_database_all_goes_on(
    shop: Workshop, template: Template, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What ran meanwhile is tried again, not put aside; what had not begun is done. No traceback tells of it."""
    monkeypatch.setattr(job_engine, "HEARTBEAT", timedelta(seconds=0.4))
    begun, away, back, done = asyncio.Event(), asyncio.Event(), asyncio.Event(), set[int]()

    @job("tests.patient", first_pause=timedelta(seconds=0.1), attempts=2)
    async def patient(context: JobContext, *, number: int) -> None:
        begun.set()
        if not back.is_set():
            await away.wait()
            raise ConnectionError("the database is away")
        done.add(number)

    monkeypatch.setattr(worker, "JOBS", (patient,))
    settings = Settings(database=settings_for(shop.url))
    context = JobContext(shop.database, settings, shop.context.mailer)
    stop = asyncio.Event()
    await shop.enqueue(patient, *({"number": number} for number in range(5)))
    working = asyncio.create_task(worker._work_off_jobs(context, stop))
    await begun.wait()
    await cut_off(template, shop.url)
    away.set()
    await asyncio.sleep(1)
    back.set()
    await let_in(template, shop.url)
    shop.tables = await connect(shop.url)
    await until(shop, {})
    stop.set()
    await asyncio.wait_for(working, 10)
    assert done == set(range(5))
    assert [(record.getMessage(), record.exc_info) for record in caplog.records if record.exc_info] == []


async def test_a_driver_that_no_longer_knows_which_answer_is_whose_puts_no_job_aside(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asyncpg says when a connection goes away while it is given back to the pool."""
    ask, answers = asyncpg.Pool.fetchval, iter([asyncpg.InternalClientError("another operation is in progress")])

    async def fetch(pool: asyncpg.Pool, *asked: Any) -> Any:
        if (lost := next(answers, None)) is not None:
            raise lost
        return await ask(pool, *asked)

    monkeypatch.setattr(asyncpg.Pool, "fetchval", fetch)
    done = asyncio.Event()

    @job("tests.simple")
    async def simple(context: JobContext) -> None:
        done.set()

    await shop.enqueue(simple)
    await shop.work_off(simple)
    assert (done.is_set(), await shop.states()) == (True, {})


async def cut_off(template: Template, url: str) -> None:
    name = make_url(url).database
    await template.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    connections = f"FROM pg_stat_activity WHERE datname = '{name}'"
    await template.execute(f"SELECT pg_terminate_backend(pid) {connections}")
    # They end a little later: until then a job could be tried again, and fail for good.
    admin = await connect(template.url(template.admin_url.database or "postgres"))
    while await admin.fetchval(f"SELECT count(*) {connections}"):  # noqa: ASYNC110 - the database ends them
        await asyncio.sleep(0.01)
    await admin.close()


async def let_in(template: Template, url: str) -> None:
    await template.execute(f'ALTER DATABASE "{make_url(url).database}" ALLOW_CONNECTIONS true')


def test_what_dead_workers_left_is_given_to_others_within_a_minute() -> None:
    """Its beat falls silent, and a worker that polls looks."""
    assert timedelta(seconds=60) > job_engine.HEARTBEAT + job_engine._POLL
