"""Subtasks: at most five levels below a task that stands on its own, never below themselves, and what goes with one."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.http.references import Reference
from taskapi.core.resources.document import Document, Versioned
from taskapi.tasks import errors, events
from taskapi.tasks.queries import KeptRow, named
from taskapi.tasks.tree import queries
from taskapi.tasks.tree.queries import QueueRow

DEEPEST: Final = 5
MOST_BELOW: Final = queries.STEP


async def enter_queue_of(session: DbSession, caller: Caller, reference: Reference, needs: Permission) -> UUID | None:
    """The queue of the project that a task is in: one at a time looks at several of its tasks to change some.

    It comes before any task is locked. Answers the project; None where there is no such task for the caller.
    """
    statement = partial(queries.queue, reference.by)
    row: QueueRow | None = await reach.find(session, caller, statement, needs, **named(reference))
    return None if row is None else row["queued_in"]


async def enter_queues(session: DbSession, *project_ids: UUID) -> None:
    await session.run(queries.QUEUES, project_ids=list(project_ids))


async def require_place_below(
    session: DbSession, project_id: UUID, parent_id: UUID, task_id: UUID | None = None, *, brings_levels: int = 0
) -> None:
    """For a new task with what it brings, or for one that is there with all that hangs below it; the queue is held."""
    above = await session.fetch_values(queries.ANCESTORS, task_id=parent_id, project_id=project_id)
    if not above:
        raise errors.unknown_parent()
    if task_id in above:
        raise errors.ParentCycle("The parent you named is this task, or is somewhere below it")
    levels = 1 + brings_levels if task_id is None else await session.only_value(queries.LEVELS, task_id=task_id)
    if len(above) + levels - 1 > DEEPEST:
        raise errors.TooDeep(
            f"Subtasks hang {DEEPEST} levels below the topmost task at most; here the lowest would be "
            f"{len(above) + levels - 1} below it"
        )


async def living_below(session: DbSession, row: KeptRow) -> list[Document]:
    """All of them, locked; or TooManySubtasks."""
    rows = await session.fetch_rows(queries.ALL_LIVING_BELOW, of_task=row["id"], project_key=row["project_key"])
    if len(rows) > MOST_BELOW:
        raise errors.TooManySubtasks(f"At most {MOST_BELOW} subtasks move with their task; move some of them first")
    return [Document.of(below) for below in rows]


async def step_of_living(session: DbSession, row: KeptRow, stamp: datetime) -> list[Document]:
    """Some of those that are not in the trash; those that went there at this instant have been looked through."""
    return await _step(session, queries.LIVING_BELOW, row, stamp)


async def step_of_trashed(session: DbSession, row: KeptRow, stamp: datetime) -> list[Document]:
    """Some of those that went to the trash at this instant."""
    return await _step(session, queries.TRASHED_BELOW, row, stamp)


async def _step(session: DbSession, statement: Statement[Versioned], row: KeptRow, stamp: datetime) -> list[Document]:
    rows = await session.fetch_rows(statement, of_task=row["id"], stamp=stamp, project_key=row["project_key"])
    return [Document.of(below) for below in rows]


async def trashed_children(session: DbSession, task_ids: list[UUID], project_key: str) -> list[Document]:
    rows = await session.fetch_rows(queries.TRASHED_CHILDREN, of_tasks=task_ids, project_key=project_key)
    return [Document.of(row) for row in rows]


async def leave_children(session: DbSession, caller: Caller | None, row: KeptRow) -> None:
    """The task goes for good, and its subtasks do not: they stand on their own from now on."""
    children = await session.fetch_rows(
        queries.ORPHAN, of_task=row["id"], project_key=row["project_key"], now=utc_now()
    )
    orphans = [Document.of(child).fields() for child in children]
    facts = [events.task_changed({**o, "parent_id": str(row["id"])}, o) for o in orphans]
    await publish(session, caller, *facts)
