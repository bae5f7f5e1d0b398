"""Links: for whoever reads both tasks to read, for whoever writes both to make."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, NotFound, TransactionConflict
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import MAX_COUNTED, PageParams, Slice
from taskapi.core.resources.document import Document, Versioned, require_match
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.errors import TooManyTasksToCopy
from taskapi.tasks import service as tasks
from taskapi.tasks.links import errors, events, queries
from taskapi.tasks.links.queries import LinkedRow
from taskapi.tasks.links.schemas import MOST, LinkCreate, LinkType
from taskapi.tasks.queries import PlaceRow

_STEP: Final = 500


async def list_links(session: DbSession, caller: Caller, task: str, params: PageParams) -> Slice:
    here = await tasks.find(session, caller, task, Permission.TASK_READ)
    seen_as = Reach.of(caller)
    values = {"of_task": here["id"], "home": here["project_id"], **reach.values(caller)}
    return await paging.fetch_in_order(session, params, queries.pages(seen_as), queries.count(seen_as), **values)


async def get_link(session: DbSession, caller: Caller, task: str, link_id: UUID) -> Document:
    here = await tasks.find(session, caller, task, Permission.TASK_READ)
    return _document(await _seen(session, caller, here, link_id))


async def create_link(session: DbSession, caller: Caller, task: str, data: LinkCreate) -> Document:
    """From one task to another of whatever project."""
    here = await tasks.find(session, caller, task, Permission.TASK_WRITE)
    projects.require_not_archived(here)
    there = await _other(session, caller, here, data.task_id)
    await session.run(queries.QUEUE)
    await _require_room(session, here["id"], there["id"])
    if data.type is LinkType.BLOCKS:
        await _require_no_circle(session, here["id"], there["id"])
    link_id = data.id or new_id()
    try:
        await _add(session, caller, data.type, link_id, (here["id"], _end(here)), (there["id"], _end(there)))
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "uq_task_links_pair":
            raise errors.LinkExists("It may have been made from the other task") from None
        raise IdTaken("Leave the id out, or make a new one") from None
    except asyncpg.ForeignKeyViolationError:
        raise TransactionConflict("One of the tasks was deleted for good at that moment; try again") from None
    return _document(await session.only_row(queries.one(None), of_task=here["id"], of_link=link_id))


async def keep_duplicate(session: DbSession, caller: Caller, duplicate: Place, original: Place) -> None:
    """One link says which of two tasks duplicates the other, whatever said so before; both are locked.

    The queue is entered last here: whoever is in it waits for no task that is only locked.
    """
    await session.run(queries.QUEUE)
    ends = [(place.project_id, place.key) for place in (duplicate, original)]
    row = await session.fetch_row(queries.DUPLICATE, of_tasks=[duplicate.id, original.id])
    if row is None:
        await _require_room(session, duplicate.id, original.id)
    elif row["source_id"] == duplicate.id:
        return
    else:
        await session.run(queries.REMOVE, of_link=row["id"])
        await publish(session, caller, *events.link_deleted(from_json(row["told"]), *reversed(ends)))
    await _add(session, caller, LinkType.DUPLICATES, new_id(), (duplicate.id, ends[0]), (original.id, ends[1]))


async def copy_all(session: DbSession, caller: Caller, copies: Mapping[UUID, Place]) -> None:
    """Links between tasks that were copied, by whose copies these are.

    They close no circle and are not too many, for those that they are copied from do and are not: the copies have no
    other links, and nobody else knows them yet, so that this waits for nobody.
    """
    tasks_copied, now = list(copies), utc_now()
    rows: list[dict[str, object]] = []
    for start in range(0, len(tasks_copied), _STEP):
        for link in await session.fetch_rows(queries.FROM_TASKS, of_tasks=tasks_copied[start : start + _STEP]):
            if link["target_id"] in copies:
                source, target = copies[link["source_id"]], copies[link["target_id"]]
                rows.append({"id": new_id(), "type": link["type"], "source_id": source.id, "target_id": target.id})
        if len(rows) > MAX_COUNTED:
            raise TooManyTasksToCopy(f"Its tasks have more than {MAX_COUNTED} links; copy it without its tasks")
    keys = {str(place.id): (place.project_id, place.key) for place in copies.values()}
    for start in range(0, len(rows), _STEP):
        step = [
            {**row, "created_at": now + timedelta(microseconds=number)}
            for number, row in enumerate(rows[start : start + _STEP], start)
        ]
        added = [
            Document.of(row).fields()
            for row in await session.fetch_rows(queries.CREATE_ALL, rows=to_json(step).decode())
        ]
        facts = (fact for fields in added for fact in events.link_created(fields, keys[fields["source_id"]]))
        await publish(session, caller, *facts)


async def is_duplicate(session: DbSession, task_id: UUID) -> bool:
    return await session.only_value(queries.IS_DUPLICATE, of_task=task_id)


async def delete_link(session: DbSession, caller: Caller, task: str, link_id: UUID, if_match: str | None) -> None:
    """From either of its tasks: who may write one is not bound by a link to another."""
    here = await tasks.find(session, caller, task, Permission.TASK_WRITE)
    row = await _seen(session, caller, here, link_id)
    require_match(if_match, _document(row))
    projects.require_not_archived(here)
    if await session.fetch_value(queries.REMOVE, of_link=link_id) is None:
        raise _absent()
    ends = (_end(here), (row["other_project_id"], row["other_key"]))
    await publish(session, caller, *events.link_deleted(from_json(row["told"]), *ends))


async def _add(
    session: DbSession,
    caller: Caller,
    type_: LinkType,
    link_id: UUID,
    source: tuple[UUID, events.End],
    target: tuple[UUID, events.End],
) -> None:
    values = {"id": link_id, "source_id": source[0], "target_id": target[0], "type": type_.value}
    added = Document.of(await session.only_row(queries.CREATE, **values, created_at=utc_now()))
    await publish(session, caller, *events.link_created(added.fields(), source[1], target[1]))


async def _other(session: DbSession, caller: Caller, here: PlaceRow, task: str) -> PlaceRow:
    try:
        there = await tasks.find(session, caller, task, Permission.TASK_WRITE)
    except NotFound:
        raise errors.unknown_task() from None
    if there["id"] == here["id"]:
        raise errors.itself()
    projects.require_not_archived(there)
    return there


async def _require_room(session: DbSession, *task_ids: UUID) -> None:
    if await session.only_value(queries.MOST_OF_BOTH, of_tasks=list(task_ids)) >= MOST:
        raise errors.TooManyLinks(f"A task has {MOST} links at most, those to tasks in the trash included")


async def _require_no_circle(session: DbSession, source_id: UUID, target_id: UUID) -> None:
    walked = await session.only_row(queries.WALK, source_id=source_id, target_id=target_id)
    if walked["closes_circle"]:
        raise errors.DependencyCycle("The task that you named blocks this one already, itself or by way of others")
    if walked["tasks"] > queries.FARTHEST:
        raise errors.TooManyLinks(f"More than {queries.FARTHEST} tasks wait for the one that you named")


async def _seen(session: DbSession, caller: Caller, here: PlaceRow, link_id: UUID) -> LinkedRow:
    row = await session.fetch_row(
        queries.one(Reach.of(caller)),
        of_task=here["id"],
        of_link=link_id,
        home=here["project_id"],
        **reach.values(caller),
    )
    if row is None:
        raise _absent()
    return row


def _absent() -> NotFound:
    return NotFound("The task has no such link, or you do not see the task on its other end")


def _end(place: PlaceRow) -> events.End:
    return place["project_id"], place["key"]


def _document(row: Versioned) -> Document:
    """It shows the other task, which changes without the link."""
    return Document.of(row, pure=False)
