"""Delete, list what is deleted, restore and purge."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.projects import service as projects
from taskapi.projects.errors import NotInTrash
from taskapi.tasks import events
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import Changes
from taskapi.tasks.queries import KeptRow, TaskRow
from taskapi.tasks.trash import queries
from taskapi.tasks.tree import service as tree
from taskapi.tasks.tree.queries import STEP
from taskapi.tasks.wip import service as wip

KEPT = timedelta(days=30)


async def delete_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> None:
    """Into the trash with all that hangs below it, from which it can be restored for 30 days."""
    row = await tasks.load_in_queue(session, caller, task, Permission.TASK_WRITE)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    now = utc_now()
    await tasks.change(session, caller, row, {"deleted_at": now})
    await _with_all_below(session, caller, row, partial(tree.step_of_living, session, row, now), now)


async def restore_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> Document:
    """With those below it that went to the trash with it; what went there before stays."""
    row = await tasks.load_in_queue(session, caller, task, Permission.TASK_WRITE, trashed=None)
    before = Document.of(row)
    require_match(if_match, before)
    projects.require_not_archived(row)
    deleted_at = before.fields()["deleted_at"]
    if deleted_at is None:
        raise NotInTrash("The task is where it was; there is nothing to restore")
    await wip.require_room_for_all(session, row["project_id"], [before.fields()["status"]])
    restored = await tasks.change(session, caller, row, {"deleted_at": None}, before=before)
    went = datetime.fromisoformat(deleted_at)
    await _with_all_below(session, caller, row, partial(tree.step_of_trashed, session, row, went), None)
    return restored


async def _with_all_below(
    session: DbSession,
    caller: Caller,
    row: TaskRow,
    next_step: Callable[[], Awaitable[list[Document]]],
    deleted_at: datetime | None,
) -> None:
    """However many there are, a step of them is in memory at a time."""
    while step := await next_step():
        if deleted_at is None:
            # What is in the trash does not count in its status until it comes back.
            await wip.require_room_for_all(session, row["project_id"], (task.fields()["status"] for task in step))
        changes: list[tuple[Document, Changes]] = [(document, {"deleted_at": deleted_at}) for document in step]
        await tasks.change_all(session, caller, changes)
        if len(step) < STEP:
            return


async def purge_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> None:
    """Gone for good, from wherever it is; only the change log remembers."""
    row = await tasks.load(session, caller, task, Permission.TASK_PURGE, trashed=None)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    await publish(session, caller, await _purge(session, caller, row))


async def purge_expired(session: DbSession) -> int:
    """How many tasks of those that were thrown away 30 days ago, or whose project was, are gone for good now."""
    rows = await session.fetch_rows(queries.EXPIRED, before=utc_now() - KEPT)
    facts = [await _purge(session, None, row) for row in rows]
    await publish(session, None, *facts)
    return len(rows)


async def _purge(session: DbSession, caller: Caller | None, row: KeptRow) -> Fact:
    """The fact tells the task as it went: a parent that was purged just before has already left it."""
    await tree.leave_children(session, caller, row)
    gone = await session.only_row(queries.PURGE, of_task=row["id"], project_key=row["project_key"])
    return events.task_purged(Document.of(gone).fields())


async def list_trash(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.TASK_READ)
    return await paging.fetch_in_order(
        session, params, queries.trash, queries.COUNT_TRASH, project_id=row["id"], project_key=row["key"]
    )
