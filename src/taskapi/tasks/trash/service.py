"""Delete, list what is deleted, restore and purge."""

from datetime import timedelta

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.projects import service as projects
from taskapi.tasks import events, queries
from taskapi.tasks import service as tasks

KEPT = timedelta(days=30)


async def delete_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> None:
    """Into the trash, from which it can be restored for 30 days."""
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    await tasks.change(session, caller, row, {"deleted_at": utc_now()})


async def restore_task(session: DbSession, caller: Caller, task: str) -> Document:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE, trashed=True)
    projects.require_not_archived(row)
    return await tasks.change(session, caller, row, {"deleted_at": None})


async def purge_task(session: DbSession, caller: Caller, task: str, if_match: str | None) -> None:
    """Gone for good, from wherever it is; only the change log remembers."""
    row = await tasks.load(session, caller, task, Permission.TASK_PURGE, trashed=None)
    document = Document.of(row)
    require_match(if_match, document)
    projects.require_not_archived(row)
    await tasks.leave_children(session, caller, row)
    await session.run(queries.PURGE, of_task=row["id"])
    await publish(session, caller, events.task_purged(document.fields()))


async def purge_expired(session: DbSession) -> int:
    """How many tasks of those that were thrown away 30 days ago, or whose project was, are gone for good now."""
    rows = await session.fetch_rows(queries.EXPIRED, before=utc_now() - KEPT)
    for row in rows:
        await tasks.leave_children(session, None, row)
        await session.run(queries.PURGE, of_task=row["id"])
    await publish(session, None, *(events.task_purged(Document.of(row).fields()) for row in rows))
    return len(rows)


async def list_trash(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.TASK_READ)
    return await paging.fetch(
        session,
        params,
        page=queries.trash(params.rows, continues=params.continues),
        count=queries.COUNT_TRASH,
        project_id=row["id"],
        project_key=row["key"],
    )
