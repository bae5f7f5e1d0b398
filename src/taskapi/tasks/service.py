"""Tasks: made, read, listed, changed."""

from collections.abc import Collection, Iterable, Sequence
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
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, TransactionConflict
from taskapi.core.hooks import Hook
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields import values as custom_values
from taskapi.projects.fields.values import Values
from taskapi.tasks import changing, errors, events, queries, starting
from taskapi.tasks.changing import CLOSED, Changes
from taskapi.tasks.marks import service as marks
from taskapi.tasks.mentions import service as mentions
from taskapi.tasks.queries import Entering, PlaceRow, StatusRow, TargetRow, TaskRow, VisibleRow
from taskapi.tasks.schemas import Expand, TaskCreate, TaskUpdate
from taskapi.tasks.templates import service as templates
from taskapi.tasks.templates.service import Outline
from taskapi.tasks.tree import service as tree
from taskapi.tasks.wip import service as wip

# The task before and after, which has no recurrence any more.
ON_RECURRING: Final[Hook[[DbSession, Caller, Document, Document]]] = Hook("an occurrence of a task is done")


async def create_task(
    session: DbSession,
    caller: Caller,
    project: str,
    data: TaskCreate,
    *,
    fills_in: bool = True,
    names: Sequence[str] | None = None,
) -> Document:
    """Add a task at the end of a project's order, with the next number.

    `fills_in` False: it is made of something else, and nobody is asked for the custom fields that a task must have.
    `names` are those in its description, where somebody has read it before.
    """
    names = await mentions.names_in(data.description) if names is None else names
    found = await _target(session, caller, project, data)
    if found["status"] is None:
        raise errors.unknown_status()
    outline: Outline | None = None
    if data.template_id is not None:
        data, outline = await templates.filled(session, caller, found["id"], data.template_id, data)
        names = await mentions.names_in(data.description)
    brings = 0 if outline is None else len(outline.subtasks)
    said = data.model_dump(exclude={"id", "template_id", "status", "fields"})
    values = said | await _inherited(session, found, data)
    await marks.require(session, found["id"], said)
    await _require_members(session, found["id"], data.assignee_ids)
    if data.parent_id is not None or found["wip_limit"] is not None:
        # Before the status is held, as whoever moves a task there has it: its number waits for the same row.
        await tree.enter_queues(session, found["id"])
    await wip.require_room(session, found["id"], found["status"], found["wip_limit"], entering=1 + brings)
    if data.parent_id is not None:
        await tree.require_place_below(session, found["id"], data.parent_id, brings_levels=min(brings, 1))
    fields: Values = {}
    if data.fields or (fills_in and found["requires_fields"]):
        fields = await _custom_values(session, found["id"], fields, data.fields, is_new=fills_in)
    now = utc_now()
    try:
        row = await session.only_row(
            queries.CREATE,
            **values,
            mentions=await mentions.members_named(session, found["id"], names),
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
    if outline is not None:
        starts_with = await _inherited(session, found, TaskCreate(title=data.title)) if brings else {}
        await templates.furnish(session, caller, found["key"], document.fields(), outline, starts_with)
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
    session: DbSession,
    caller: Caller,
    task: str,
    data: TaskUpdate,
    if_match: str | None,
    *,
    names: Sequence[str] | None = None,
) -> Document:
    """`names` are those in its new description, where somebody has read it before."""
    names = await mentions.names_in(data.description) if names is None else names
    loading = load_in_queue if "parent_id" in data.model_fields_set else load
    row = await loading(session, caller, task, Permission.TASK_WRITE, enters=data.status or None)
    before = Document.of(row)
    require_match(if_match, before)
    projects.require_not_archived(row)
    mentioned = await mentions.members_named(session, row["project_id"], names)
    changes = await patched(session, row, before, data, utc_now(), mentioned)
    return await change(session, caller, row, changes, before=before)


async def patched(
    session: DbSession,
    row: TaskRow,
    before: Document,
    data: TaskUpdate,
    now: datetime,
    mentioned: Sequence[UUID],
    *,
    among_many: bool = False,
) -> Changes:
    """What a patch changes in a task that was loaded, once what it names is known to be there.

    `mentioned` are the members whom its description names. `among_many` is said by who has looked at the assignees for
    all of them, and will at the limits of statuses.
    """
    changes = changing.patched(before.fields(), data, row["enters_category"], now, mentioned)
    if "assignee_ids" in changes and not among_many:
        await _require_members(session, row["project_id"], data.assignee_ids)
    await marks.require(session, row["project_id"], changes, changing.labels(before.fields()))
    if "status" in changes and not among_many:
        await wip.require_room(session, row["project_id"], data.status, row["enters_limit"])
    if "parent_id" in changes and data.parent_id is not None:
        await tree.require_place_below(session, row["project_id"], data.parent_id, row["id"])
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


async def change_all(
    session: DbSession, caller: Caller, wanted: Iterable[tuple[Document, Changes]]
) -> dict[UUID, Document]:
    """The same for several that are locked, in one statement, of whatever projects: those that changed, by their ids.

    What `change` does beyond writing and telling, it has to do here as well.
    """
    recurring: list[Document] = []
    changes: list[tuple[Document, Changes]] = []
    for before, given in wanted:
        ends = changing.recurs(before.fields(), given)
        if ends:
            recurring.append(before)
        if given:
            changes.append((before, {**given, "recurrence": None} if ends else given))
    if not changes:
        return {}
    columns = frozenset(name for _, values in changes for name in values)
    rows = pydantic_core.to_json([changing.as_row(before.fields(), values, columns) for before, values in changes])
    try:
        found = await session.fetch_rows(queries.change_all(columns), rows=rows.decode(), now=utc_now())
    except asyncpg.ForeignKeyViolationError as error:
        raise again(error) from None
    written = {row["id"]: Document.of(row) for row in found}
    after = [written[UUID(before.fields()["id"])] for before, _ in changes]
    pairs = zip(changes, after, strict=True)
    await publish(session, caller, *(events.task_changed(b.fields(), a.fields()) for (b, _), a in pairs))
    for before in recurring:
        await ON_RECURRING(session, caller, before, written[UUID(before.fields()["id"])])
    return written


def again(error: asyncpg.ForeignKeyViolationError) -> Exception:
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


async def carried_values(session: DbSession, moving: Sequence[Fields], project_id: UUID) -> list[Values]:
    """Of tasks that move to this project from another: what fits its custom fields there, and names its members."""
    if not any(fields["fields"] for fields in moving):
        return [{} for _ in moving]
    here = await custom_fields.definitions(session, UUID(moving[0]["project_id"]))
    there = await custom_fields.definitions(session, project_id)
    carried = [custom_values.carried(fields["fields"], here, there) for fields in moving]
    named = [custom_values.people(there, values) for values in carried]
    people = {person: None for of_one in named for person in of_one.values()}
    members = await members_among(session, project_id, list(people)) if people else set()
    return [
        {key: value for key, value in values.items() if key not in of_one or of_one[key] in members}
        for values, of_one in zip(carried, named, strict=True)
    ]
