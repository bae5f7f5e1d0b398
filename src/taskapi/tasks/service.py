"""Tasks: made, read, listed, changed."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, TransactionConflict
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, require_match
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.tasks import changing, errors, events, queries
from taskapi.tasks.changing import CLOSED, Changes
from taskapi.tasks.queries import PlaceRow, StatusRow, TargetRow, TaskRow, VisibleRow
from taskapi.tasks.schemas import Expand, TaskCreate, TaskUpdate
from taskapi.tasks.tree import service as tree


async def create_task(session: DbSession, caller: Caller, project: str, data: TaskCreate) -> Document:
    """Add a task at the end of a project's order, with the next number."""
    reference = references.project(project)
    found: TargetRow | None = await reach.find(
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
        await tree.enter_queues(session, found["id"])
        await tree.require_place_below(session, found["id"], data.parent_id)
    now = utc_now()
    try:
        row = await session.only_row(
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
    document = Document.of(row)
    await publish(session, caller, events.task_created(document.fields()))
    return document


async def get_task(session: DbSession, caller: Caller, task: str, expand: frozenset[Expand] = frozenset()) -> Document:
    reference = references.task(task)
    statement = partial(queries.visible, reference.by, expand)
    row: VisibleRow | None = await reach.find(
        session, caller, statement, Permission.TASK_READ, **queries.named(reference)
    )
    if row is None:
        raise references.no_task()
    return Document.of(row, pure=not expand)


async def update_task(
    session: DbSession, caller: Caller, task: str, data: TaskUpdate, if_match: str | None
) -> Document:
    loading = load_in_queue if "parent_id" in data.model_fields_set else load
    row = await loading(session, caller, task, Permission.TASK_WRITE, enters=data.status or None)
    before = Document.of(row)
    require_match(if_match, before)
    projects.require_not_archived(row)
    changes = changing.patched(before.fields(), data, row["enters_category"], utc_now())
    if "assignee_ids" in changes:
        await _require_members(session, row["project_id"], data.assignee_ids)
    if "parent_id" in changes and data.parent_id is not None:
        await tree.require_place_below(session, row["project_id"], data.parent_id, row["id"])
    return await change(session, caller, row, changes, before=before)


async def load(
    session: DbSession,
    caller: Caller,
    task: str,
    needs: Permission,
    *,
    enters: str | None = None,
    trashed: bool | None = False,
) -> TaskRow:
    """The task, locked, for a member whose role has the permission; `enters` looks up a status on the way."""
    reference = references.task(task)
    statement = partial(queries.for_update, reference.by, trashed=trashed)
    row: TaskRow | None = await reach.find(session, caller, statement, needs, enters=enters, **queries.named(reference))
    if row is None:
        raise references.no_task()
    require(row["role"], needs)
    session.projects.add(row["project_id"])
    return row


async def load_in_queue(
    session: DbSession,
    caller: Caller,
    task: str,
    needs: Permission,
    *,
    enters: str | None = None,
    trashed: bool | None = False,
) -> TaskRow:
    """The same, for who decides by looking at other tasks of the project: one at a time does, from here on."""
    queued_in = await tree.enter_queue_of(session, caller, references.task(task), needs)
    row = await load(session, caller, task, needs, enters=enters, trashed=trashed)
    if queued_in != row["project_id"]:
        raise TransactionConflict("The task moved to another project at that moment; try again")
    return row


async def find(session: DbSession, caller: Caller, task: str, needs: Permission) -> PlaceRow:
    """Where a living task is, for somebody whose role there has the permission; nothing is locked."""
    reference = references.task(task)
    row = await reach.find(session, caller, partial(queries.place, reference.by), needs, **queries.named(reference))
    if row is None:
        raise references.no_task()
    require(row["role"], needs)
    session.projects.add(row["project_id"])
    return row


async def change(
    session: DbSession,
    caller: Caller,
    row: TaskRow,
    changes: Changes,
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
        written = await session.only_row(
            queries.change((*sorted(changes), "updated_at")),
            of_task=row["id"],
            project_key=project_key or row["project_key"],
            updated_at=utc_now(),
            **changes,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise _again(error) from None
    after = Document.of(written)
    await publish(session, caller, events.task_changed(before.fields(), after.fields()))
    return after


async def change_all(
    session: DbSession, caller: Caller | None, changes: Sequence[tuple[Document, Changes]], *, project_key: str
) -> dict[str, Document]:
    """The same for several that are locked, in one statement; they are in one project then, and answered by id."""
    if not changes:
        return {}
    columns = frozenset(name for _, values in changes for name in values)
    rows = [
        {"id": before.fields()["id"], **{name: before.fields()[name] for name in columns}, **values}
        for before, values in changes
    ]
    try:
        written = await session.fetch_rows(
            queries.change_all(columns), rows=to_json(rows).decode(), project_key=project_key, now=utc_now()
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise _again(error) from None
    after = {document.fields()["id"]: document for document in map(Document.of, written)}
    facts = (events.task_changed(b.fields(), after[b.fields()["id"]].fields()) for b, _ in changes)
    await publish(session, caller, *facts)
    return after


def _again(error: asyncpg.ForeignKeyViolationError) -> Exception:
    """It was there when it was looked up, and has gone or changed since: look it up again."""
    if error.constraint_name not in {"fk_tasks_status", "fk_tasks_parent_id"}:
        return error
    return TransactionConflict("Its status or its parent was removed or changed at that moment; try again")


async def first_status(session: DbSession, project_id: UUID, categories: tuple[StatusCategory, ...]) -> StatusRow:
    """Of the first category that has one."""
    found = await session.fetch_row(
        queries.FIRST_STATUS, project_id=project_id, categories=[str(category) for category in categories]
    )
    if found is None:
        raise errors.NoSuchStatus(f"Add a status of the category {categories[0]} first")
    return found


async def members_among(session: DbSession, project_id: UUID, user_ids: list[UUID]) -> set[UUID]:
    return set(await session.fetch_values(queries.MEMBERS_AMONG, project_id=project_id, user_ids=user_ids))


async def _require_members(session: DbSession, project_id: UUID, user_ids: list[UUID]) -> None:
    if not user_ids:
        return
    members = await members_among(session, project_id, user_ids)
    for index, user_id in enumerate(user_ids):
        if user_id not in members:
            raise errors.unknown_assignee(index)
