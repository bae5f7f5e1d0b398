"""Statuses: the columns of a project, in an order without gaps, and never without one that tasks can start in.

Locks come in one order: the project, by which one at a time changes its columns; a status that is closed to tasks;
and then the tasks in it. Who writes a task has locked it and asks for no more than a share of the status it enters.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, Fields, changes_of
from taskapi.core.resources.positions import shifts
from taskapi.core.resources.records import Place
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.projects.queries import STATUS, ProjectRow
from taskapi.projects.statuses import queries
from taskapi.projects.statuses.errors import LastOpenStatus, StatusInUse, TooManyStatuses, no_target
from taskapi.projects.statuses.schemas import MOST, StatusCreate, StatusUpdate

_CLOSED: Final = (StatusCategory.DONE, StatusCategory.CANCELLED)


class TaskStatus(NamedTuple):
    """A status as tasks carry it."""

    key: str
    category: str
    wip_limit: int | None


# With session, caller, project, the status that goes, and the one that its tasks get.
ON_REMOVING: Final[Hook[[DbSession, Caller, Place, TaskStatus, TaskStatus]]] = Hook("a status is removed")


async def list_statuses(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.page(session, STATUS, projects.place(row), params, "position")


async def get_status(session: DbSession, caller: Caller, project: str, status_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.find(session, STATUS, projects.place(row), status_id)


async def create_status(session: DbSession, caller: Caller, project: str, data: StatusCreate) -> Document:
    """At its position, or at the end; those from there on make place."""
    row = await _load(session, caller, project)
    projects.require_not_archived(row)
    place = projects.place(row)
    columns = await _columns(session, place)
    if len(columns) >= MOST:
        raise TooManyStatuses(f"The project has {MOST} statuses; delete one first")
    position = len(columns) if data.position is None else min(data.position, len(columns))
    shifted = shifts([*columns[:position], None, *columns[position:]])
    await writing.change_all(session, caller, STATUS, place, shifted)
    values = {**data.model_dump(), "id": data.id or new_id(), "position": position}
    return await writing.add(session, caller, STATUS, place, values)


async def update_status(
    session: DbSession, caller: Caller, project: str, status_id: UUID, data: StatusUpdate, if_match: str | None
) -> Document:
    row = await _load(session, caller, project)
    place = projects.place(row)
    before = await reading.hold(session, STATUS, place, status_id, if_match)
    projects.require_not_archived(row)
    changes = changes_of(before.fields(), data)
    others = await _columns(session, place, without=status_id)
    if "category" in changes:
        if await _is_in_use(session, place, before):
            raise StatusInUse("Its category changes only while no task is in it")
        _require_a_start([changes, *(status.fields() for status in others)])
    position = changes.pop("position", before.fields()["position"])
    moved = shifts([*others[:position], before, *others[position:]])
    changes |= next((values for status, values in moved if status is before), {})
    if not changes:
        return before
    shifted = [(status, values) for status, values in moved if status is not before]
    return (await writing.change_all(session, caller, STATUS, place, [(before, changes), *shifted]))[status_id]


async def delete_status(
    session: DbSession, caller: Caller, project: str, status_id: UUID, move_to: str | None, if_match: str | None
) -> None:
    """`move_to` is the key or the id of the status that its tasks get, which it cannot go without where it has any."""
    row = await _load(session, caller, project)
    place = projects.place(row)
    status = await reading.hold(session, STATUS, place, status_id, if_match)
    projects.require_not_archived(row)
    others = await _columns(session, place, without=status_id)
    target = None if move_to is None else _named(others, move_to)
    _require_a_start([other.fields() for other in others])
    if await _is_in_use(session, place, status):
        if target is None:
            raise StatusInUse("Say with ?move_to= which status its tasks get; those in the trash count")
        await ON_REMOVING(session, caller, place, _as_tasks_have_it(status), _as_tasks_have_it(target))
    await writing.remove(session, caller, STATUS, place, status)
    await writing.change_all(session, caller, STATUS, place, shifts(others))


async def _load(session: DbSession, caller: Caller, project: str) -> ProjectRow:
    return await projects.load(session, caller, project, Permission.STATUS_WRITE, lock=True)


async def _columns(session: DbSession, place: Place, without: UUID | None = None) -> list[Document]:
    columns = [Document.of(row) for row in await session.fetch_rows(queries.IN_ORDER, of_place=place.id)]
    return [column for column in columns if column.fields()["id"] != str(without)]


async def _is_in_use(session: DbSession, place: Place, status: Document) -> bool:
    """As it stays until this transaction ends."""
    await session.run(queries.CLOSE, of_id=status.fields()["id"], of_place=place.id)
    return await session.only_value(queries.IS_IN_USE, project_id=place.project_id, key=status.fields()["key"])


def _require_a_start(left: Iterable[Fields]) -> None:
    if all(status["category"] in _CLOSED for status in left):
        raise LastOpenStatus("Make another status first that is neither done nor cancelled")


def _named(statuses: Iterable[Document], key_or_id: str) -> Document:
    for status in statuses:
        if key_or_id in {status.fields()["key"], status.fields()["id"]}:
            return status
    raise no_target()


def _as_tasks_have_it(status: Document) -> TaskStatus:
    return TaskStatus(*(status.fields()[name] for name in TaskStatus._fields))
