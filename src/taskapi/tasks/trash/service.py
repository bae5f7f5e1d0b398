"""Delete, list what is deleted, restore and purge."""

from datetime import timedelta

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
from taskapi.tasks import events, queries
from taskapi.tasks import service as tasks
from taskapi.tasks.queries import KeptRow
from taskapi.tasks.trash import queries as deleted

KEPT = timedelta(days=30)


async def delete_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> None:
    """Into the trash, from which it can be restored for 30 days."""
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    await tasks.change(session, caller, row, {"deleted_at": utc_now()})


async def restore_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> Document:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE, trashed=None)
    before = Document.of(row)
    require_match(if_match, before)
    projects.require_not_archived(row)
    if before.fields()["deleted_at"] is None:
        raise NotInTrash("The task is where it was; there is nothing to restore")
    return await tasks.change(session, caller, row, {"deleted_at": None}, before=before)


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
    await tasks.leave_children(session, caller, row)
    gone = await session.only_row(queries.PURGE, of_task=row["id"], project_key=row["project_key"])
    return events.task_purged(Document.of(gone).fields())


async def list_trash(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.TASK_READ)
    return await paging.fetch_in_order(
        session, params, deleted.page, deleted.COUNT, project_id=row["id"], project_key=row["key"]
    )
