"""Tasks: made, read, listed, changed."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, TransactionConflict
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, require_match
from taskapi.projects import service as projects
from taskapi.tasks import changing, errors, events, queries
from taskapi.tasks.changing import CLOSED, Changes
from taskapi.tasks.queries import KeptRow, TargetRow, TaskRow, VisibleRow
from taskapi.tasks.schemas import Expand, TaskCreate, TaskUpdate


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
        await _require_task_of(session, found["id"], data.parent_id)
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
    row = await load(session, caller, task, Permission.TASK_WRITE, enters=data.status or None)
    before = Document.of(row)
    require_match(if_match, before)
    projects.require_not_archived(row)
    changes = await patched(session, row, before, data, utc_now())
    return await change(session, caller, row, changes, before=before)


async def patched(
    session: DbSession,
    row: TaskRow,
    before: Document,
    data: TaskUpdate,
    now: datetime,
    *,
    are_members: bool = False,
) -> Changes:
    """What a patch changes in a task that was loaded, once what it names is known to be there.

    `are_members` is said of the assignees by who has looked already.
    """
    changes = changing.patched(before.fields(), data, row["enters_category"], now)
    if "assignee_ids" in changes and not are_members:
        await _require_members(session, row["project_id"], data.assignee_ids)
    if "parent_id" in changes and data.parent_id is not None:
        await _require_parent(session, row["project_id"], row["id"], data.parent_id)
    return changes


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


async def load_all(
    session: DbSession, caller: Caller, task_ids: Collection[UUID], needs: Permission, *, enters: str | None = None
) -> list[TaskRow]:
    """Those of the tasks that the caller finds, locked in the order of their ids; what a role allows is not asked."""
    statement = partial(queries.for_update, queries.MANY, trashed=False)
    rows: list[TaskRow] = await reach.find_all(session, caller, statement, needs, task_ids, enters=enters)
    session.projects.update(row["project_id"] for row in rows)
    return rows


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


async def change_all(session: DbSession, caller: Caller, changes: Iterable[tuple[Document, Changes]]) -> list[Document]:
    """The same for several that are locked: one statement for those in which the same changes, and one for the log.

    What `change` does beyond writing and telling, it has to do here as well.
    """
    groups: dict[str, tuple[Changes, dict[UUID, Document]]] = {}
    for before, columns in changes:
        if columns:
            _, alike = groups.setdefault(repr(sorted(columns.items())), (columns, {}))
            alike[UUID(before.fields()["id"])] = before
    now, written, facts = utc_now(), list[Document](), list[Fact]()
    for columns, alike in groups.values():
        statement = queries.change_all((*sorted(columns), "updated_at"))
        try:
            rows = await session.fetch_rows(statement, of_tasks=list(alike), updated_at=now, **columns)
        except asyncpg.ForeignKeyViolationError as error:
            raise _again(error) from None
        for row in rows:
            after = Document.of(row)
            written.append(after)
            facts.append(events.task_changed(alike[row["id"]].fields(), after.fields()))
    await publish(session, caller, *facts)
    return written


def _again(error: asyncpg.ForeignKeyViolationError) -> Exception:
    """The status was there when it was looked up, and has gone or changed its category since: look it up again."""
    if error.constraint_name != "fk_tasks_status":
        return error
    return TransactionConflict("The status was removed or changed at that moment; try again")


async def leave_children(session: DbSession, caller: Caller | None, row: KeptRow) -> None:
    """The task goes where its subtasks do not: they stand on their own from now on."""
    children = await session.fetch_rows(
        queries.ORPHAN, of_task=row["id"], project_key=row["project_key"], now=utc_now()
    )
    orphans = [Document.of(child).fields() for child in children]
    facts = [events.task_changed({**o, "parent_id": str(row["id"])}, o) for o in orphans]
    await publish(session, caller, *facts)


async def members_among(session: DbSession, project_id: UUID, user_ids: list[UUID]) -> set[UUID]:
    return set(await session.fetch_values(queries.MEMBERS_AMONG, project_id=project_id, user_ids=user_ids))


async def _require_members(session: DbSession, project_id: UUID, user_ids: list[UUID]) -> None:
    if not user_ids:
        return
    members = await members_among(session, project_id, user_ids)
    for index, user_id in enumerate(user_ids):
        if user_id not in members:
            raise errors.unknown_assignee(index)


async def _require_task_of(session: DbSession, project_id: UUID, task_id: UUID) -> None:
    if await session.fetch_value(queries.TASK_OF_PROJECT, task_id=task_id, project_id=project_id) is None:
        raise errors.unknown_parent()


async def _require_parent(session: DbSession, project_id: UUID, task_id: UUID, parent_id: UUID) -> None:
    await session.run(queries.LOCK_ORDER, project_id=project_id)
    await _require_task_of(session, project_id, parent_id)
    if task_id in await session.fetch_values(queries.ANCESTORS, task_id=parent_id):
        raise errors.ParentCycle("The parent you named is this task, or is somewhere below it")
