"""Checklists: in an order without gaps; the lock of the task is the queue of those who change its list."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import MAX_COUNTED, PageParams, Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, changes_of
from taskapi.core.resources.positions import shifts
from taskapi.core.resources.records import Place
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.projects.errors import TooManyTasksToCopy
from taskapi.tasks import service as tasks
from taskapi.tasks.checklist import queries
from taskapi.tasks.checklist.errors import ChecklistFull
from taskapi.tasks.checklist.queries import ITEM
from taskapi.tasks.checklist.schemas import MOST, ItemCreate, ItemUpdate
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.schemas import TaskCreate

_COPIED: Final = ("text", "done", "position")
_STEP: Final = 50


async def list_items(session: DbSession, caller: Caller, task: str, params: PageParams) -> Slice:
    here = await tasks.find(session, caller, task, Permission.TASK_READ)
    place = Place(here["id"], here["project_id"], here["key"])
    return await reading.page(session, ITEM, place, params, "position")


async def get_item(session: DbSession, caller: Caller, task: str, item_id: UUID) -> Document:
    here = await tasks.find(session, caller, task, Permission.TASK_READ)
    return await reading.find(session, ITEM, Place(here["id"], here["project_id"], here["key"]), item_id)


async def create_item(session: DbSession, caller: Caller, task: str, data: ItemCreate) -> Document:
    """At its position, or at the end; those from there on make place."""
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    projects.require_not_archived(row)
    place = _place(row)
    items = await _items(session, place)
    if len(items) >= MOST:
        raise ChecklistFull(f"A checklist has {MOST} items at most; delete one, or make subtasks of some")
    position = len(items) if data.position is None else min(data.position, len(items))
    await writing.change_all(session, caller, ITEM, place, shifts([*items[:position], None, *items[position:]]))
    values = {**data.model_dump(), "id": data.id or new_id(), "position": position, "created_at": utc_now()}
    return await writing.add(session, caller, ITEM, place, values)


async def update_item(
    session: DbSession, caller: Caller, task: str, item_id: UUID, data: ItemUpdate, if_match: str | None
) -> Document:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    place = _place(row)
    before = await reading.hold(session, ITEM, place, item_id, if_match)
    projects.require_not_archived(row)
    changes = changes_of(before.fields(), data)
    if "position" not in changes:
        return await writing.change(session, caller, ITEM, place, before, changes)
    others = _without(await _items(session, place), item_id)
    position = changes.pop("position")
    moved = shifts([*others[:position], before, *others[position:]])
    changes |= next((values for item, values in moved if item is before), {})
    if not changes:
        return before
    shifted = [(item, values) for item, values in moved if item is not before]
    return (await writing.change_all(session, caller, ITEM, place, [(before, changes), *shifted]))[item_id]


async def delete_item(session: DbSession, caller: Caller, task: str, item_id: UUID, if_match: str | None) -> None:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    place = _place(row)
    item = await reading.hold(session, ITEM, place, item_id, if_match)
    projects.require_not_archived(row)
    await _remove(session, caller, place, item)


async def convert_item(session: DbSession, caller: Caller, task: str, item_id: UUID, if_match: str | None) -> Document:
    """The item becomes a subtask; one that is done, in the first done status."""
    row = await tasks.load_in_queue(session, caller, task, Permission.TASK_WRITE)
    place = _place(row)
    item = await reading.hold(session, ITEM, place, item_id, if_match)
    projects.require_not_archived(row)
    wanted = {"title": item.fields()["text"], "parent_id": str(row["id"])}
    if item.fields()["done"]:
        wanted["status"] = (await tasks.first_status(session, row["project_id"], (StatusCategory.DONE,)))["key"]
    await _remove(session, caller, place, item)
    data = TaskCreate.model_validate(wanted)
    return await tasks.create_task(session, caller, str(row["project_id"]), data, fills_in=False)


async def copy_items(session: DbSession, caller: Caller, from_id: UUID, to: Place) -> None:
    """Into the empty checklist of another task; there, all is still to be done."""
    items = [Document.of(row).fields() for row in await session.fetch_rows(queries.IN_ORDER, of_place=from_id)]
    if items:
        await begin(session, caller, to, [item["text"] for item in items])


async def begin(session: DbSession, caller: Caller, to: Place, texts: Sequence[str]) -> None:
    """The checklist of a task that has none yet."""
    now = utc_now()
    rows = [
        {"id": new_id(), "text": text, "done": False, "position": position, "created_at": now}
        for position, text in enumerate(texts)
    ]
    await writing.add_all(session, caller, ITEM, to, rows)


async def copy_all(session: DbSession, caller: Caller, copies: Mapping[UUID, Place]) -> None:
    """The checklists of tasks that were copied, by whose copies these are: as they stand, since the copies do, too."""
    tasks_copied, count, now = list(copies), 0, utc_now()
    for start in range(0, len(tasks_copied), _STEP):
        rows = await session.fetch_rows(queries.OF_TASKS, of_tasks=tasks_copied[start : start + _STEP])
        items = [Document.of(row).fields() for row in rows]
        count += len(items)
        if count > MAX_COUNTED:
            raise TooManyTasksToCopy(f"Its checklists have more than {MAX_COUNTED} items; copy it without its tasks")
        placed = [
            (
                copies[UUID(item["task_id"])],
                {**{name: item[name] for name in _COPIED}, "id": new_id(), "created_at": now},
            )
            for item in items
        ]
        await writing.add_in(session, caller, ITEM, placed)


async def bring_again(session: DbSession, caller: Caller, done: Document, made: Document) -> None:
    """The next occurrence of a task has its checklist, and all of it is still to be done."""
    fields = made.fields()
    to = Place(UUID(fields["id"]), UUID(fields["project_id"]), fields["key"])
    await copy_items(session, caller, UUID(done.fields()["id"]), to)


async def _remove(session: DbSession, caller: Caller, place: Place, item: Document) -> None:
    """Those below it move up."""
    others = _without(await _items(session, place), UUID(item.fields()["id"]))
    await writing.remove(session, caller, ITEM, place, item)
    await writing.change_all(session, caller, ITEM, place, shifts(others))


async def _items(session: DbSession, place: Place) -> list[Document]:
    return [Document.of(row) for row in await session.fetch_rows(queries.IN_ORDER, of_place=place.id)]


def _without(items: Sequence[Document], item_id: UUID) -> list[Document]:
    return [item for item in items if item.fields()["id"] != str(item_id)]


def _place(row: TaskRow) -> Place:
    return Place(row["id"], row["project_id"], Document.of(row).fields()["key"])
