"""The worker's side of jobs: takes them from the table, tries them, puts aside those that cannot be done."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, TypeVar

import asyncpg
import structlog
from pgqueuer import DatabaseRetryEntrypointExecutor, PgQueuer
from pgqueuer.core.executors import EntrypointExecutorParameters
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context
from pgqueuer.domain.models import Job as StoredJob
from sqlalchemy import ARRAY, Text, and_, any_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import INTERVAL

from taskapi.core.db import failures
from taskapi.core.db.connections import CLOSE_SECONDS, connect
from taskapi.core.db.database import GRACE_SECONDS
from taskapi.core.db.statements import One, Statement, prepare
from taskapi.core.work.jobs import Job, JobContext
from taskapi.core.work.tables import JOBS, LOG

log = structlog.stdlib.get_logger("taskapi.jobs")
_T = TypeVar("_T")

_CONNECTIONS: Final = 4
_AT_ONCE: Final = 20
_BATCH: Final = 10
# Its LISTEN may be lost without notice: then this is how late a job starts.
_POLL: Final = timedelta(seconds=2)
# A worker that has not said for so long that it lives is taken for dead, and its jobs are given to others.
HEARTBEAT: Final = timedelta(seconds=20)
_MAX_PICKS: Final = 5
_LOOK_AGAIN: Final = 0.5
_LOOK_WHETHER_IDLE: Final = 0.05
_PICKS: Final = prepare(
    select(func.count()).where(LOG.c.job_id == bindparam("job_id"), LOG.c.status == "picked"), row=One[int]
)
_REACHABLE: Final = Statement[One[int]]("SELECT 1", ())
_SILENT_SINCE: Final = func.now() - bindparam("silence", type_=INTERVAL)
# What the engine calls empty counts jobs that wait for another day, too.
_ANYTHING_DUE: Final = prepare(
    select(
        exists().where(
            JOBS.c.entrypoint == any_(bindparam("known", type_=ARRAY(Text))),
            or_(
                and_(JOBS.c.status == "queued", JOBS.c.execute_after <= func.now()),
                and_(
                    JOBS.c.status == "picked",
                    or_(JOBS.c.queue_manager_id == bindparam("me"), JOBS.c.heartbeat < _SILENT_SINCE),
                ),
            ),
        )
    ),
    row=One[bool],
)


def _tell_of_an_outage_in_a_line(record: logging.LogRecord) -> bool:
    """pgqueuer logs a traceback for each of its parts that lost a connection; a database that is away is no defect."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, failures.LOST):
        record.msg, record.args = f"{record.getMessage()}: {error!r}", ()
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


logging.getLogger("pgqueuer").addFilter(_tell_of_an_outage_in_a_line)


class WorkerKiller(Exception):
    """Picked again and again and never heard of: its workers died of it."""


@dataclass
class _Executor(DatabaseRetryEntrypointExecutor):
    """Tries again with growing pauses; a job that outlived too many workers fails without being run."""

    pool: asyncpg.Pool = field(kw_only=True)

    async def execute(self, job: StoredJob, context: Context) -> None:
        try:
            picks = await _patiently(self.pool, _PICKS, job_id=job.id)
            if picks - job.attempts > _MAX_PICKS:
                raise WorkerKiller(f"picked {picks} times, and tried {job.attempts} times to an end")
            await super().execute(job, context)
        except asyncio.CancelledError:
            # This worker is out of time. The engine would drop the job, as one that somebody had cancelled.
            raise RetryRequested(reason="the worker had to end") from None
        except RetryRequested:
            # The engine puts a job aside whose next attempt it cannot note, as if it had failed for good.
            await _patiently(self.pool, _REACHABLE)
            raise


async def run(
    context: JobContext,
    url: str,
    known: Sequence[Job[Any]],
    stop: asyncio.Event,
    *,
    drain: bool = False,
) -> None:
    """Work until `stop` is set, then finish what has begun. `drain`: end when nothing is due any more."""
    async with _pool(url, context.settings.database.statement_timeout + GRACE_SECONDS) as pool:
        engine = PgQueuer.from_asyncpg_pool(pool)
        for job in known:
            _register(engine, job, context, pool)
        ending = [asyncio.create_task(_pass_on(stop, engine.shutdown))]
        if drain:
            ending.append(asyncio.create_task(_end_when_idle(pool, engine, known)))
        try:
            await engine.run(
                dequeue_timeout=_POLL,
                batch_size=_BATCH,
                max_concurrent_tasks=_AT_ONCE,
                heartbeat_timeout=HEARTBEAT,
            )
        finally:
            for task in ending:
                task.cancel()


@asynccontextmanager
async def _pool(url: str, patience: float) -> AsyncIterator[asyncpg.Pool]:
    """Connections on which nobody waits longer for a server that says nothing, not even for its good-bye."""
    pool = await asyncpg.create_pool(
        url,
        connect=connect,
        min_size=2,
        max_size=_CONNECTIONS,
        command_timeout=patience,
        server_settings={"application_name": "taskapi worker"},
    )
    try:
        yield pool
    finally:
        with suppress(TimeoutError):  # it has ended its connections by force then
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()


def _register(engine: PgQueuer, job: Job[Any], context: JobContext, pool: asyncpg.Pool) -> None:
    async def perform(stored: StoredJob) -> None:
        await job.perform(replace(context, job_id=stored.id), stored.payload or b"{}")

    def executor(parameters: EntrypointExecutorParameters) -> _Executor:
        return _Executor(
            parameters=parameters,
            max_attempts=job.attempts - 1,
            initial_delay=job.first_pause,
            max_delay=job.longest_pause,
            pool=pool,
        )

    engine.entrypoint(job.name, executor_factory=executor, on_failure="hold")(perform)


async def _pass_on(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()


async def _end_when_idle(pool: asyncpg.Pool, engine: PgQueuer, known: Sequence[Job[Any]]) -> None:
    names, me = [job.name for job in known], engine.qm.queue_manager_id
    while await _patiently(pool, _ANYTHING_DUE, known=names, me=me, silence=HEARTBEAT):  # noqa: ASYNC110 - who ends a job may be another process
        await asyncio.sleep(_LOOK_WHETHER_IDLE)
    engine.shutdown.set()


async def _patiently(pool: asyncpg.Pool, statement: Statement[One[_T]], **values: object) -> _T:
    """The value of a statement that always has one, however long the database is away."""
    while True:
        try:
            value: _T = await pool.fetchval(statement.sql, *statement.arguments(values))
        except failures.OF_THE_DRIVER:
            await asyncio.sleep(_LOOK_AGAIN)
        else:
            return value
