"""Tasks: made, read, listed, changed."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
import pydantic_core

from taskapi.core import markdown
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, TransactionConflict
from taskapi.core.hooks import Hook
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.projects import service as projects
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields import values as custom_values
from taskapi.projects.fields.values import Values
from taskapi.tasks import changing, errors, events, queries, starting
from taskapi.tasks.changing import CLOSED, Changes
from taskapi.tasks.marks import service as marks
from taskapi.tasks.queries import Entering, KeptRow, TargetRow, TaskRow, VisibleRow
from taskapi.tasks.schemas import Expand, TaskCreate, TaskUpdate
from taskapi.tasks.wip import service as wip

# The task before and after, which has no recurrence any more.
ON_RECURRING: Final[Hook[[DbSession, Caller, Document, Document]]] = Hook("an occurrence of a task is done")


async def create_task(session: DbSession, caller: Caller, project: str, data: TaskCreate) -> Document:
    """Add a task at the end of a project's order, with the next number."""
    found = await _target(session, caller, project, data)
    if found["status"] is None:
        raise errors.unknown_status()
    said = data.model_dump(exclude={"id", "status", "fields"})
    values = said | await _inherited(session, found, data)
    await marks.require(session, found["id"], said)
    await _require_members(session, found["id"], data.assignee_ids)
    await wip.require_room(session, found["id"], found["status"], found["wip_limit"])
    if data.parent_id is not None:
        await _require_task_of(session, found["id"], data.parent_id)
    fields: Values = {}
    if data.fields or found["requires_fields"]:
        fields = await _custom_values(session, found["id"], fields, data.fields, is_new=True)
    now = utc_now()
    try:
        row = await session.only_row(
            queries.CREATE,
            **values,
            fields=pydantic_core.to_json(fields).decode(),
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
        raise again(error) from None
    document = Document.of(row)
    await publish(session, caller, events.task_created(document.fields()))
    return document


async def _target(session: DbSession, caller: Caller, project: str, data: TaskCreate) -> TargetRow:
    reference = references.project(project)
    named = {} if data.status is None else {"enters": data.status}
    entering = Entering.NAMED if named else Entering.FIRST if "status" in data.model_fields_set else Entering.DEFAULT
    found: TargetRow | None = await reach.find(
        session,
        caller,
        partial(queries.project_for_create, reference.by, entering=entering),
        Permission.TASK_WRITE,
        **named,
        **queries.project_named(reference),
    )
    if found is None:
        raise references.no_project()
    require(found["role"], Permission.TASK_WRITE)
    projects.require_not_archived(found)
    return found


async def _inherited(session: DbSession, project: TargetRow, data: TaskCreate) -> dict[str, object]:
    """Of the project's defaults what the task says nothing about, and what is there still."""
    values = starting.inherited(data, pydantic_core.from_json(project["defaults"]))
    for name, among in (("assignee_ids", members_among), ("label_ids", marks.labels_among)):
        if ids := [UUID(found) for found in values.get(name, ())]:
            there = await among(session, project["id"], ids)
            values[name] = [found for found in ids if found in there]
    return values


async def get_task(session: DbSession, caller: Caller, task: str, expand: frozenset[Expand] = frozenset()) -> Document:
    reference = references.task(task)
    statement = partial(queries.visible, reference.by, expand)
    row: VisibleRow | None = await reach.find(
        session, caller, statement, Permission.TASK_READ, **queries.named(reference)
    )
    if row is None:
        raise references.no_task()
    document = Document.of(row, pure=not expand)
    if Expand.DESCRIPTION_HTML in expand:
        await session.close()
        [document.json] = await markdown.with_html([document.json], "description", Expand.DESCRIPTION_HTML)
    return document


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
    among_many: bool = False,
) -> Changes:
    """What a patch changes in a task that was loaded, once what it names is known to be there.

    `among_many` is said by who has looked at the assignees for all of them, and will at the limits of statuses.
    """
    changes = changing.patched(before.fields(), data, row["enters_category"], now)
    if "assignee_ids" in changes and not among_many:
        await _require_members(session, row["project_id"], data.assignee_ids)
    await marks.require(session, row["project_id"], changes, changing.labels(before.fields()))
    if "status" in changes and not among_many:
        await wip.require_room(session, row["project_id"], data.status, row["enters_limit"])
    if "parent_id" in changes and data.parent_id is not None:
        await _require_parent(session, row["project_id"], row["id"], data.parent_id)
    if data.fields:
        values: Values = before.fields()["fields"]
        after = await _custom_values(session, row["project_id"], values, data.fields)
        if after != values:
            changes["fields"] = pydantic_core.to_json(after).decode()
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
    recurs = changing.recurs(before.fields(), changes)
    if recurs:
        # It passes to the next one, so that whoever completes this one again makes no twin.
        changes = {**changes, "recurrence": None}
    try:
        written = await session.only_row(
            queries.change((*sorted(changes), "updated_at")),
            of_task=row["id"],
            project_key=project_key or row["project_key"],
            updated_at=utc_now(),
            **changes,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise again(error) from None
    after = Document.of(written)
    await publish(session, caller, events.task_changed(before.fields(), after.fields()))
    if recurs:
        await ON_RECURRING(session, caller, before, after)
    return after


async def change_all(session: DbSession, caller: Caller, changes: Iterable[tuple[Document, Changes]]) -> list[Document]:
    """The same for several that are locked: one statement for those in which the same changes, and one for the log.

    What `change` does beyond writing and telling, it has to do here as well.
    """
    groups: dict[str, tuple[Changes, dict[UUID, Document]]] = {}
    done: list[Document] = []
    for before, given in changes:
        columns = given
        if changing.recurs(before.fields(), given):
            done.append(before)
            columns = {**given, "recurrence": None}
        if columns:
            _, alike = groups.setdefault(repr(sorted(columns.items())), (columns, {}))
            alike[UUID(before.fields()["id"])] = before
    now, written, facts = utc_now(), dict[UUID, Document](), list[Fact]()
    for columns, alike in groups.values():
        statement = queries.change_all((*sorted(columns), "updated_at"))
        try:
            rows = await session.fetch_rows(statement, of_tasks=list(alike), updated_at=now, **columns)
        except asyncpg.ForeignKeyViolationError as error:
            raise again(error) from None
        for row in rows:
            after = written[row["id"]] = Document.of(row)
            facts.append(events.task_changed(alike[row["id"]].fields(), after.fields()))
    await publish(session, caller, *facts)
    for before in done:
        await ON_RECURRING(session, caller, before, written[UUID(before.fields()["id"])])
    return list(written.values())


def again(error: asyncpg.ForeignKeyViolationError) -> Exception:
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


async def _custom_values(
    session: DbSession, project_id: UUID, before: Values, patch: Values, *, is_new: bool = False
) -> Values:
    """What the task has after the patch; the definitions that this goes by stay as they are until it is written."""
    definitions = await custom_fields.definitions(session, project_id)
    after = custom_values.merged(definitions, before, patch)
    if is_new:
        custom_values.require_all(definitions, after)
    if named := custom_values.people(definitions, patch):
        members = await members_among(session, project_id, list(named.values()))
        custom_values.require_members(definitions, patch, members)
    return after


async def carried_values(session: DbSession, fields: Fields, project_id: UUID) -> Values:
    """Of a task that moves to this project: what fits its custom fields there, and names its members."""
    here = await custom_fields.definitions(session, UUID(fields["project_id"]))
    there = await custom_fields.definitions(session, project_id)
    carried = custom_values.carried(fields["fields"], here, there)
    named = custom_values.people(there, carried)
    members = await members_among(session, project_id, list(named.values())) if named else set()
    return {key: value for key, value in carried.items() if key not in named or named[key] in members}


async def _require_task_of(session: DbSession, project_id: UUID, task_id: UUID) -> None:
    if await session.fetch_value(queries.TASK_OF_PROJECT, task_id=task_id, project_id=project_id) is None:
        raise errors.unknown_parent()


async def _require_parent(session: DbSession, project_id: UUID, task_id: UUID, parent_id: UUID) -> None:
    await session.run(queries.LOCK_ORDER, project_id=project_id)
    await _require_task_of(session, project_id, parent_id)
    if task_id in await session.fetch_values(queries.ANCESTORS, task_id=parent_id):
        raise errors.ParentCycle("The parent you named is this task, or is somewhere below it")
