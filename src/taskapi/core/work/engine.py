"""The worker's side of jobs: takes them from the table, tries them, puts aside those that cannot be done."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql

from taskapi.core.work import jobs
from taskapi.core.work.jobs import Job, JobContext

# After core.jobs, which tells pgqueuer its schema.
from pgqueuer import PgQueuer  # isort: skip
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters  # isort: skip
from pgqueuer.domain.errors import RetryRequested  # isort: skip
from pgqueuer.domain.models import Context, Job as StoredJob  # isort: skip

log = structlog.stdlib.get_logger("taskapi.jobs")

_CONNECTIONS: Final = 4
_AT_ONCE: Final = 20
_BATCH: Final = 10
# Its LISTEN may be lost without notice: then this is how late a job starts.
_POLL: Final = timedelta(seconds=2)
# A worker that has not said for so long that it lives is taken for dead, and its jobs are given to others.
HEARTBEAT: Final = timedelta(seconds=20)
_MAX_PICKS: Final = 5
_LONGEST_PAUSE: Final = timedelta(hours=1)
_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
_LOOK_AGAIN: Final = 0.5
_LOOK_WHETHER_IDLE: Final = 0.05
_PICKS: Final = f"SELECT count(*) FROM {jobs.SCHEMA}.pgqueuer_log WHERE job_id = $1 AND status = 'picked'"  # noqa: S608 - a constant
# What the engine calls empty counts jobs that wait for another day, too.
_ANYTHING_DUE: Final = f"""
SELECT EXISTS (
    SELECT FROM {jobs.SCHEMA}.pgqueuer
    WHERE entrypoint = ANY($1) AND (
        status = 'queued' AND execute_after <= now()
        OR status = 'picked' AND (queue_manager_id = $2 OR heartbeat < now() - $3::interval)
    )
)"""  # noqa: S608 - a constant


class WorkerKiller(Exception):
    """Picked again and again and never heard of: its workers died of it."""


@dataclass
class _Executor(DatabaseRetryEntrypointExecutor):
    """Tries again with growing pauses; a job that outlived too many workers fails without being run."""

    pool: Any = None

    async def execute(self, job: StoredJob, context: Context) -> None:
        try:
            picks = await _patiently(self.pool, _PICKS, job.id)
            if picks - job.attempts > _MAX_PICKS:
                raise WorkerKiller(f"picked {picks} times, and tried {job.attempts} times to an end")
            await super().execute(job, context)
        except asyncio.CancelledError:
            # This worker is out of time. The engine would drop the job, as one that somebody had cancelled.
            raise RetryRequested(reason="the worker had to end") from None
        except RetryRequested:
            # The engine puts a job aside whose next attempt it cannot note, as if it had failed for good.
            await _patiently(self.pool, "SELECT 1")
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
    pool = asyncpg.create_pool(
        **_connect_arguments(url),
        min_size=2,
        max_size=_CONNECTIONS,
        server_settings={"application_name": "taskapi worker"},
    )
    async with pool:
        engine = PgQueuer.from_asyncpg_pool(pool)
        for job in known:
            _register(engine, job, context, pool)
        due = (_ANYTHING_DUE, [job.name for job in known], engine.qm.queue_manager_id, HEARTBEAT)
        ending = [asyncio.create_task(_pass_on(stop, engine.shutdown))]
        if drain:
            ending.append(asyncio.create_task(_end_when_idle(pool, due, engine.shutdown)))
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


def _connect_arguments(url: str) -> dict[str, Any]:
    """As SQLAlchemy reads the URL: the driver alone has other names for some of its parameters."""
    dialect: Any = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    arguments: dict[str, Any] = dialect.create_connect_args(make_url(url))[1]
    return arguments


def _register(engine: PgQueuer, job: Job[Any], context: JobContext, pool: Any) -> None:  # noqa: ANN401
    async def perform(stored: StoredJob) -> None:
        await job.perform(replace(context, job_id=stored.id), stored.payload or b"{}")

    def executor(parameters: EntrypointExecutorParameters) -> _Executor:
        return _Executor(
            parameters=parameters,
            max_attempts=job.attempts - 1,
            initial_delay=job.first_pause,
            max_delay=_LONGEST_PAUSE,
            pool=pool,
        )

    engine.entrypoint(job.name, executor_factory=executor, on_failure="hold")(perform)


async def _pass_on(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()


async def _end_when_idle(pool: Any, due: tuple[Any, ...], shutdown: asyncio.Event) -> None:  # noqa: ANN401
    while await _patiently(pool, *due):  # noqa: ASYNC110 - who ends a job may be another process
        await asyncio.sleep(_LOOK_WHETHER_IDLE)
    shutdown.set()


async def _patiently(pool: Any, query: str, *arguments: object) -> Any:  # noqa: ANN401 - asyncpg has no types
    """However long the database is away."""
    while True:
        try:
            return await pool.fetchval(query, *arguments)
        except _AWAY:
            await asyncio.sleep(_LOOK_AGAIN)
