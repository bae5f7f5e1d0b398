"""Work that happens after the request: typed jobs, enqueued in the caller's transaction, run by any worker.

A thin face on pgqueuer, which knows how to share a table between workers. What it leaves open is here: a job is
stored with the change that caused it or not at all; its arguments are checked before they are stored; it is tried
again with growing pauses; and one that kills its worker again and again is put aside, like one that keeps failing.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from enum import IntEnum
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, Protocol, cast

from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy.dialects.postgresql import insert

from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.models import JobEffect
from taskapi.settings import Settings

if TYPE_CHECKING:
    from pgqueuer.ports.driver import Driver


SCHEMA: Final = "jobs"
# pgqueuer reads this once, when it is first imported; its tables then stay out of Alembic's sight.
os.environ["PGQUEUER_SCHEMA"] = SCHEMA

P = ParamSpec("P")
_MARK_DONE: Final = prepare(insert(JobEffect).on_conflict_do_nothing().returning(JobEffect.job_id), "job_id", "done_at")


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
        return await session.fetch_row(_MARK_DONE, job_id=self.job_id, done_at=utc_now()) is not None


@dataclass(frozen=True)
class Job(Generic[P]):
    """A function that workers run. Calling `enqueue` stores its name and arguments, in the caller's transaction."""

    name: str
    run: Callable[Concatenate[JobContext, P], Awaitable[None]]
    priority: JobPriority
    attempts: int
    first_pause: timedelta
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

    async def _store(self, session: DbSession, delay: timedelta, values: dict[str, Any]) -> None:
        from pgqueuer.adapters.persistence.queries import Queries  # noqa: PLC0415 - only some requests enqueue

        payload = self.arguments(**values).model_dump_json().encode()
        queries = Queries(cast("Driver", _SessionDriver(session)))
        await queries.enqueue(self.name, payload, int(self.priority), delay or None)

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
) -> Callable[[Callable[Concatenate[JobContext, P], Awaitable[None]]], Job[P]]:
    """Declare a job. It is tried `attempts` times, each pause twice the one before, and then put aside."""

    def declare(run: Callable[Concatenate[JobContext, P], Awaitable[None]]) -> Job[P]:
        return Job(name, run, priority, attempts, first_pause)

    return declare


class _SessionDriver:
    """pgqueuer's queries on the session's connection, so that they share its fate."""

    def __init__(self, session: DbSession) -> None:
        self._session = session

    async def fetch(self, query: str, *arguments: object) -> list[dict[str, object]]:
        driver = await self._session.open()
        return [dict(row) for row in await driver.fetch(query, *arguments)]
