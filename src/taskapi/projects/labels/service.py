"""Labels of a project: for everybody in it to read, for those who write its tasks to write."""

from typing import Final
from uuid import UUID

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, changes_of
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.labels.errors import TooManyLabels
from taskapi.projects.labels.queries import LABEL
from taskapi.projects.labels.schemas import LabelCreate, LabelFilter, LabelUpdate

_MOST: Final = 500

# With session, caller, project and the label that goes, which no task is marked with any more.
ON_REMOVING: Final[Hook[[DbSession, Caller, Place, UUID]]] = Hook("a label is removed")


async def list_labels(session: DbSession, caller: Caller, project: str, params: LabelFilter) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.page(session, LABEL, projects.place(row), params, params.sort)


async def get_label(session: DbSession, caller: Caller, project: str, label_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.find(session, LABEL, projects.place(row), label_id)


async def create_label(session: DbSession, caller: Caller, project: str, data: LabelCreate) -> Document:
    # Locked, so that two at once do not pass the bound together.
    row = await projects.load(session, caller, project, Permission.LABEL_WRITE, lock=True)
    projects.require_not_archived(row)
    place = projects.place(row)
    if await session.only_value(LABEL.count, of_place=place.id) >= _MOST:
        raise TooManyLabels(f"The project has {_MOST} labels; delete one that nobody uses")
    values = {**data.model_dump(), "id": data.id or new_id(), "created_at": utc_now()}
    return await writing.add(session, caller, LABEL, place, values)


async def update_label(
    session: DbSession, caller: Caller, project: str, label_id: UUID, data: LabelUpdate, if_match: str | None
) -> Document:
    row = await projects.load(session, caller, project, Permission.LABEL_WRITE)
    place = projects.place(row)
    before = await reading.hold(session, LABEL, place, label_id, if_match)
    projects.require_not_archived(row)
    return await writing.change(session, caller, LABEL, place, before, changes_of(before.fields(), data))


async def delete_label(session: DbSession, caller: Caller, project: str, label_id: UUID, if_match: str | None) -> None:
    row = await projects.load(session, caller, project, Permission.LABEL_WRITE)
    place = projects.place(row)
    label = await reading.hold(session, LABEL, place, label_id, if_match, closed=True)
    projects.require_not_archived(row)
    await ON_REMOVING(session, caller, place, label_id)
    await writing.remove(session, caller, LABEL, place, label)
