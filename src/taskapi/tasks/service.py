"""Tasks: made, read, listed, changed."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Row
from taskapi.core.errors import IdTaken, TransactionConflict
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.tasks import errors, events, listing, queries
from taskapi.tasks.schemas import Expand, TaskCreate, TaskFilter, TaskUpdate

CLOSED = frozenset({StatusCategory.DONE, StatusCategory.CANCELLED})


async def create_task(session: DbSession, caller: Caller, project: str, data: TaskCreate) -> Document:
    """Add a task at the end of a project's order, with the next number."""
    reference = references.project(project)
    found = await reach.find(
        session,
        caller,
        partial(queries.project_for_create, reference.by, with_status=data.status is not None),
        Permission.TASK_WRITE,
        **({} if data.status is None else {"enters": data.status}),
        **queries.project_named(reference),
    )
    if found is None:
        raise references.no_project()
    require(found["role"], Permission.TASK_WRITE)
    projects.require_not_archived(found)
    if found["status"] is None:
        raise errors.unknown_status()
    await _require_members(session, found["id"], data.assignee_ids)
    if data.parent_id is not None:
        await _require_task_of(session, found["id"], data.parent_id)
    now = utc_now()
    try:
        row = await session.fetch_row(
            queries.CREATE,
            **data.model_dump(exclude={"id", "status"}),
            id=data.id or new_id(),
            project_id=found["id"],
            project_key=found["key"],
            status=found["status"],
            status_category=found["category"],
            created_by=caller.id,
            created_at=now,
            updated_at=now,
            completed_at=now if found["category"] in CLOSED else None,
        )
    except asyncpg.UniqueViolationError:
        raise IdTaken("Leave the id out, or make a new one") from None
    except asyncpg.ForeignKeyViolationError as error:
        raise _again(error) from None
    assert row is not None
    document = Document.of(row)
    await publish(session, caller, events.task_created(document.fields()))
    return document


async def get_task(session: DbSession, caller: Caller, task: str, expand: frozenset[Expand] = frozenset()) -> Document:
    reference = references.task(task)
    statement = partial(queries.visible, reference.by, expand)
    row = await reach.find(session, caller, statement, Permission.TASK_READ, **queries.named(reference))
    if row is None:
        raise references.no_task()
    return Document.of(row)


async def list_tasks(session: DbSession, caller: Caller, params: TaskFilter) -> Slice:
    """The tasks of all the caller's projects that are not archived."""
    return await _list(session, caller, params, Reach.of(caller), project=None)


async def list_project_tasks(session: DbSession, caller: Caller, project: str, params: TaskFilter) -> Slice:
    reference = references.project(project)
    found = await _list(session, caller, params, Reach.of(caller), project=reference)
    if not found.rows:
        # Only an empty answer asks whether there is such a project at all.
        await projects.load(session, caller, project, Permission.TASK_READ)
        if caller.is_admin:
            found = await _list(session, caller, params, Reach.ADMINISTRATOR, project=reference)
    return found


async def update_task(
    session: DbSession, caller: Caller, task: str, data: TaskUpdate, if_match: str | None
) -> Document:
    changes = data.model_dump(exclude_unset=True)
    row = await load(session, caller, task, Permission.TASK_WRITE, enters=changes.get("status"))
    before = Document.of(row)
    require_match(if_match, before)
    projects.require_not_archived(row)
    fields = before.fields()
    changes = {name: value for name, value in changes.items() if _differs(fields[name], value)}
    if "status" in changes:
        if row["enters_category"] is None:
            raise errors.unknown_status()
        changes |= entering(changes["status"], row["enters_category"], fields)
    if changes.get("due_on") is not None:
        changes["due_at"] = None
    elif changes.get("due_at") is not None:
        changes["due_on"] = None
    await _require_members(session, row["project_id"], changes.get("assignee_ids", []))
    if changes.get("parent_id") is not None:
        await _require_parent(session, row["project_id"], row["id"], changes["parent_id"])
    return await change(session, caller, row, changes, before=before)


async def load(
    session: DbSession,
    caller: Caller,
    task: str,
    needs: Permission,
    *,
    enters: str | None = None,
    trashed: bool | None = False,
) -> Row:
    """The task, locked, for a member whose role has the permission; `enters` looks up a status on the way."""
    reference = references.task(task)
    statement = partial(queries.for_update, reference.by, trashed=trashed)
    row = await reach.find(session, caller, statement, needs, enters=enters, **queries.named(reference))
    if row is None:
        raise references.no_task()
    require(row["role"], needs)
    return row


def entering(status: str, category: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What a step into a status changes: closing sets `completed_at`, opening again clears it."""
    closes, was_closed = category in CLOSED, fields["completed_at"] is not None
    changes: dict[str, Any] = {"status": status, "status_category": category}
    if closes != was_closed:
        changes["completed_at"] = utc_now() if closes else None
    return changes


async def change(
    session: DbSession,
    caller: Caller,
    row: Row,
    changes: dict[str, Any],
    *,
    before: Document | None = None,
    project_key: str | None = None,
) -> Document:
    """Write the columns and tell the log what differs; nothing to change leaves the version as it is.

    `before` is the row's document where the caller has parsed it; `project_key` that of another project, when the
    task moves there.
    """
    before = before or Document.of(row)
    if not changes:
        return before
    try:
        written = await session.fetch_row(
            queries.change((*sorted(changes), "updated_at")),
            of_task=row["id"],
            project_key=project_key or row["project_key"],
            updated_at=utc_now(),
            **changes,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise _again(error) from None
    assert written is not None
    after = Document.of(written)
    await publish(session, caller, events.task_changed(before.fields(), after.fields()))
    return after


def _again(error: asyncpg.ForeignKeyViolationError) -> Exception:
    """The status was there when it was looked up, and has gone or changed its category since: look it up again."""
    if error.constraint_name != "fk_tasks_status":
        return error
    return TransactionConflict("The status was removed or changed at that moment; try again")


async def leave_children(session: DbSession, caller: Caller | None, row: Row) -> None:
    """The task goes where its subtasks do not: they stand on their own from now on."""
    children = await session.fetch_rows(
        queries.ORPHAN, of_task=row["id"], project_key=row["project_key"], now=utc_now()
    )
    orphans = [Document.of(child).fields() for child in children]
    facts = [events.task_changed({**o, "parent_id": str(row["id"])}, o) for o in orphans]
    await publish(session, caller, *facts)


async def _list(
    session: DbSession,
    caller: Caller,
    params: TaskFilter,
    within: Reach,
    *,
    project: references.Reference | None,
) -> Slice:
    shape = listing.shape_of(params, project, within, default_sort="-created_at" if project is None else "rank")
    page = listing.page(shape)
    return await paging.fetch(
        session,
        params,
        page=page,
        count=listing.count(shape.filters, shape.project, within),
        **page.taken_from(listing.values(params, caller, project)),
    )


async def _require_members(session: DbSession, project_id: UUID, user_ids: list[UUID]) -> None:
    if not user_ids:
        return
    rows = await session.fetch_rows(queries.MEMBERS_AMONG, project_id=project_id, user_ids=user_ids)
    members = {row["user_id"] for row in rows}
    for index, user_id in enumerate(user_ids):
        if user_id not in members:
            raise errors.unknown_assignee(index)


async def _require_task_of(session: DbSession, project_id: UUID, task_id: UUID) -> None:
    if await session.fetch_row(queries.TASK_OF_PROJECT, task_id=task_id, project_id=project_id) is None:
        raise errors.unknown_parent()


async def _require_parent(session: DbSession, project_id: UUID, task_id: UUID, parent_id: UUID) -> None:
    await session.fetch_row(queries.LOCK_ORDER, project_id=project_id)
    await _require_task_of(session, project_id, parent_id)
    ancestors = await session.fetch_rows(queries.ANCESTORS, task_id=parent_id)
    if task_id in {row["id"] for row in ancestors}:
        raise errors.ParentCycle("The parent you named is this task, or is somewhere below it")


def _differs(current: Any, wanted: Any) -> bool:  # noqa: ANN401 - any field
    """Whether a field's JSON value is another one than what is wanted."""
    if isinstance(wanted, datetime):
        return current is None or datetime.fromisoformat(current) != wanted
    if isinstance(wanted, date):
        return bool(current != wanted.isoformat())
    if isinstance(wanted, UUID):
        return bool(current != str(wanted))
    if isinstance(wanted, list):
        return bool(current != [str(item) for item in wanted])
    return bool(current != wanted)
