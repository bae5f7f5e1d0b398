"""The worker: jobs and errands as they come, readers of the change log, every sweep at its interval, until SIGTERM.

Several share the work: a job, a reader's turn and a sweep each happen in one worker at a time.
"""

import asyncio
import random
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy import bindparam, func, select

from taskapi import background
from taskapi.background import ERRANDS, JOBS, READERS
from taskapi.core.change_log.readers import read_to_the_end, register
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from taskapi.core.db.statements import One, prepare
from taskapi.core.errors import Unavailable
from taskapi.core.mail import mailers
from taskapi.core.observing import garbage
from taskapi.core.work import engine as job_engine
from taskapi.core.work import errands, heartbeat
from taskapi.core.work.following import Following
from taskapi.core.work.jobs import JobContext
from taskapi.core.work.sweeps import Sweep, run_to_its_end
from taskapi.settings import Settings

log = structlog.stdlib.get_logger("taskapi.worker")

_JITTER = 0.1
_FIRST_SECONDS = 10.0  # spreads what is due at the start: every worker of a deployment starts at once
_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 1.0, 300.0
_LONGEST_RETRY_OF_JOBS = 15.0  # somebody waits for the link in a mail
_FREQUENT = timedelta(minutes=1)
_CONNECTIONS_A_SWEEP = 2  # one holds its lock, one works
_CONNECTIONS_FOR_JOBS = 8
_CONNECTIONS_AN_ERRAND = 2  # one takes, one notes

# Held by the session: a transaction open for as long as a sweep runs would hold up vacuum and the log's readers.
_key = func.hashtextextended(bindparam("lock"), 0)
_LOCK = prepare(select(func.pg_try_advisory_lock(_key)), row=One[bool])
_UNLOCK = prepare(select(func.pg_advisory_unlock(_key)), row=One[bool])


async def work(settings: Settings, sweeps: Sequence[Sweep] | None = None, *, ends_with_stdin: bool = False) -> None:
    """Run until SIGTERM or SIGINT, then let what is running end within `shutdown_seconds`.

    `ends_with_stdin` is for a worker started by `taskapi run`: when its parent dies, however, its input closes.
    """
    background.connect()
    sweeps = background.sweeps(settings) if sweeps is None else sweeps
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if ends_with_stdin:
        loop.add_reader(sys.stdin, stop.set)  # nobody writes to it: readable means closed
    database = _database(settings, sweeps)
    garbage.freeze()
    log.info("worker.started", jobs=len(JOBS), readers=len(READERS), errands=len(ERRANDS), sweeps=len(sweeps))
    beating = asyncio.create_task(heartbeat.beat(settings.data_dir))
    running = [asyncio.create_task(_repeat(database, sweep, stop)) for sweep in sweeps]
    context = _job_context(settings, database)
    running.append(asyncio.create_task(_work_off_jobs(context, stop)))
    running += [asyncio.create_task(errands.run(context, errand, stop)) for errand in ERRANDS]
    running.append(asyncio.create_task(Following(database, READERS).run(stop)))
    try:
        await stop.wait()
        await _drain(running, settings.server.shutdown_seconds)
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await database.dispose()
    log.info("worker.stopped")


async def work_once(settings: Settings, sweeps: Sequence[Sweep] | None = None) -> bool:
    """What readers of the log have not read, every sweep, then errands and jobs; whether all sweeps ended well."""
    sweeps = background.sweeps(settings) if sweeps is None else sweeps
    database, tail = _database(settings, sweeps), Tail()
    try:
        await register(database, tail, READERS)
        for reader in READERS:
            await read_to_the_end(database, tail, reader)
        # Before the jobs, for some of them make jobs.
        ended_well = all([await attempt(database, sweep) for sweep in sweeps])
        context = _job_context(settings, database)
        await errands.run_to_the_end(context, ERRANDS)
        await job_engine.run(context, _url(settings), JOBS, asyncio.Event(), drain=True)
        return ended_well
    finally:
        await database.dispose()


async def attempt(database: Database, sweep: Sweep) -> bool:
    """Run it unless another worker does at this moment; whether it failed is logged, and the answer."""
    started = time.monotonic()
    try:
        ran = await _run_alone(database, sweep)
    except Unavailable as unavailable:
        log.warning("sweep.postponed", sweep=sweep.name, reason=unavailable.detail)
        return False
    except Exception:
        log.exception("sweep.failed", sweep=sweep.name)
        return False
    if ran:
        # A line every few seconds would drown the others.
        tell = log.info if sweep.every > _FREQUENT else log.debug
        tell("sweep.done", sweep=sweep.name, ms=round((time.monotonic() - started) * 1000))
    return True


def _database(settings: Settings, sweeps: Sequence[Sweep]) -> Database:
    # Sweeps that wait for each other's connections while they hold their locks would wait for ever.
    size = _CONNECTIONS_A_SWEEP * len(sweeps) + _CONNECTIONS_FOR_JOBS + len(READERS) + 1
    size += _CONNECTIONS_AN_ERRAND * len(ERRANDS)
    return Database(settings.database.model_copy(update={"url": settings.database.session_url, "pool_size": size}))


def _job_context(settings: Settings, database: Database) -> JobContext:
    mailer = mailers.mailer_of(settings)
    if isinstance(mailer, mailers.NoMailer):
        log.error("mail.not_configured", remedy="set TASKAPI_SMTP_URL; until then mails wait, and fail in the end")
    return JobContext(database, settings, mailer)


def _url(settings: Settings) -> str:
    assert settings.database.session_url is not None
    return settings.database.session_url


async def _work_off_jobs(context: JobContext, stop: asyncio.Event) -> None:
    """Until told to stop; when the database goes away, from the start again once it is back."""
    pause = _RETRY_SECONDS
    while not stop.is_set():
        started = time.monotonic()
        try:
            await job_engine.run(context, _url(context.settings), JOBS, stop)
        except Exception as error:  # noqa: BLE001 - whatever it was, jobs must go on
            log.warning("jobs.interrupted", reason=repr(error))
            pause = _RETRY_SECONDS if time.monotonic() - started > pause else min(pause * 2, _LONGEST_RETRY_OF_JOBS)
            await _is_set_within(stop, pause)


async def _repeat(database: Database, sweep: Sweep, stop: asyncio.Event) -> None:
    failures = 0
    interval = sweep.every.total_seconds()
    pause = random.uniform(0, min(interval, _FIRST_SECONDS))  # noqa: S311 - only spreads load
    while not await _is_set_within(stop, pause):
        failures = 0 if await attempt(database, sweep) else failures + 1
        pause = interval if not failures else min(interval, _LONGEST_RETRY_SECONDS, _RETRY_SECONDS * 2**failures)
        pause *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - only spreads load


async def _run_alone(database: Database, sweep: Sweep) -> bool:
    """Whether it was our turn."""
    lock = f"taskapi sweep {sweep.name}"
    async with database.autocommit() as session:
        if not await session.fetch_value(_LOCK, lock=lock):
            return False
        try:
            await run_to_its_end(database, sweep)
        finally:
            await session.run(_UNLOCK, lock=lock)
    return True


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def _drain(running: Sequence[asyncio.Task[None]], seconds: float) -> None:
    _, late = await asyncio.wait(running, timeout=seconds)
    for task in late:
        task.cancel()
    if late:
        log.warning("worker.cut_short", unfinished=len(late), after_seconds=seconds)
        await asyncio.wait(late)
