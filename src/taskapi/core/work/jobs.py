"""Work that happens after the request: typed jobs, enqueued in the caller's transaction, run by any worker.

A thin face on pgqueuer, which knows how to share a table between workers. What it leaves open is here: a job is
stored with the change that caused it or not at all; its arguments are checked before they are stored; it is tried
again with growing pauses; and one that kills its worker again and again is put aside, like one that keeps failing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from enum import IntEnum
from inspect import Parameter, signature
from typing import Any, Concatenate, Final, Generic, ParamSpec, Protocol

from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import INTERVAL, insert

from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare
from taskapi.core.work.tables import JOBS, LOG
from taskapi.models import JobEffect
from taskapi.settings import Settings

P = ParamSpec("P")
LONGEST_PAUSE: Final = timedelta(hours=1)
_MARK_DONE: Final = prepare(
    insert(JobEffect).on_conflict_do_nothing().returning(JobEffect.job_id), "job_id", "done_at", row=One[int]
)
# What pgqueuer's own `enqueue` stores, to the byte. Asking pgqueuer would have every API process import it.
_stored: Final = (
    insert(JOBS)
    .values(
        priority=bindparam("priority"),
        entrypoint=bindparam("entrypoint"),
        payload=bindparam("payload"),
        execute_after=func.now() + bindparam("delay", type_=INTERVAL),
        headers=literal_column("'null'"),
        status="queued",
    )
    .returning(JOBS.c.id, JOBS.c.status, JOBS.c.entrypoint, JOBS.c.priority)
    .cte("stored")
)
_ENQUEUE: Final = prepare(
    insert(LOG).from_select(
        ["job_id", "status", "entrypoint", "priority"],
        select(_stored.c.id, _stored.c.status, _stored.c.entrypoint, _stored.c.priority),
    )
)


class JobPriority(IntEnum):
    """Higher first: a hundred thousand webhooks do not delay somebody's new password."""

    BULK = 0
    NORMAL = 10
    URGENT = 20


class Mailer(Protocol):
    async def send(self, message: EmailMessage, /) -> None: ...


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use."""

    database: Database
    settings: Settings
    mailer: Mailer
    job_id: int = 0

    async def once(self, session: DbSession) -> bool:
        """Whether this job's effect is still to come; True the first time that transaction is committed.

        A worker may be killed between an effect and the note that the job is done: then the job runs again.
        An effect in the database that asks here first, in its own transaction, still happens once.
        """
        return await session.fetch_value(_MARK_DONE, job_id=self.job_id, done_at=utc_now()) is not None


@dataclass(frozen=True)
class Job(Generic[P]):
    """A function that workers run. Calling `enqueue` stores its name and arguments, in the caller's transaction."""

    name: str
    run: Callable[Concatenate[JobContext, P], Awaitable[None]]
    priority: JobPriority
    attempts: int
    first_pause: timedelta
    longest_pause: timedelta = LONGEST_PAUSE
    arguments: type[BaseModel] = field(init=False)

    def __post_init__(self) -> None:
        given = list(signature(self.run, eval_str=True).parameters.values())[1:]
        if any(p.kind is not Parameter.KEYWORD_ONLY for p in given):
            raise TypeError(f"{self.name} is stored with its arguments by name: put * before them")
        fields: dict[str, Any] = {p.name: (p.annotation, ... if p.default is p.empty else p.default) for p in given}
        model = create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)
        object.__setattr__(self, "arguments", model)

    async def enqueue(self, session: DbSession, *_: P.args, **values: P.kwargs) -> None:
        """Do this once the transaction is committed; a rolled back one enqueues nothing."""
        await self._store(session, timedelta(0), values)

    async def enqueue_in(self, session: DbSession, delay: timedelta, *_: P.args, **values: P.kwargs) -> None:
        await self._store(session, delay, values)

    async def _store(self, session: DbSession, delay: timedelta, values: dict[str, object]) -> None:
        payload = self.arguments(**values).model_dump_json().encode()
        await session.run(_ENQUEUE, entrypoint=self.name, payload=payload, priority=int(self.priority), delay=delay)

    async def perform(self, context: JobContext, payload: bytes) -> None:
        # A process of another version may have stored arguments that this one has no use for.
        arguments = self.arguments.model_validate_json(payload, extra="ignore")
        await self.run(context, **{name: getattr(arguments, name) for name in type(arguments).model_fields})  # type: ignore[call-arg]


def job(
    name: str,
    *,
    priority: JobPriority = JobPriority.NORMAL,
    attempts: int = 10,
    first_pause: timedelta = timedelta(seconds=5),
    longest_pause: timedelta = LONGEST_PAUSE,
) -> Callable[[Callable[Concatenate[JobContext, P], Awaitable[None]]], Job[P]]:
    """Declare a job. It is tried `attempts` times, each pause twice the one before or the longest, then put aside."""

    def declare(run: Callable[Concatenate[JobContext, P], Awaitable[None]]) -> Job[P]:
        return Job(name, run, priority, attempts, first_pause, longest_pause)

    return declare
