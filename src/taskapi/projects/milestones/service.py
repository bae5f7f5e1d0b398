"""Milestones of a project: for everybody in it to read, for those who write its tasks to write."""

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
from taskapi.projects.milestones.errors import TooManyMilestones
from taskapi.projects.milestones.queries import MILESTONE
from taskapi.projects.milestones.schemas import MilestoneCreate, MilestoneFilter, MilestoneUpdate

_MOST: Final = 500

# With session, caller, project and the milestone that goes, which no task enters any more.
ON_REMOVING: Final[Hook[[DbSession, Caller, Place, UUID]]] = Hook("a milestone is removed")


async def list_milestones(session: DbSession, caller: Caller, project: str, params: MilestoneFilter) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.page(session, MILESTONE, projects.place(row), params, params.sort)


async def get_milestone(session: DbSession, caller: Caller, project: str, milestone_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.find(session, MILESTONE, projects.place(row), milestone_id)


async def create_milestone(session: DbSession, caller: Caller, project: str, data: MilestoneCreate) -> Document:
    # Locked, so that two at once do not pass the bound together.
    row = await projects.load(session, caller, project, Permission.MILESTONE_WRITE, lock=True)
    projects.require_not_archived(row)
    place = projects.place(row)
    if await session.only_value(MILESTONE.count, of_place=place.id) >= _MOST:
        raise TooManyMilestones(f"The project has {_MOST} milestones; delete one that nobody looks at")
    values = {**data.model_dump(), "id": data.id or new_id(), "created_at": utc_now()}
    return await writing.add(session, caller, MILESTONE, place, values)


async def update_milestone(
    session: DbSession, caller: Caller, project: str, milestone_id: UUID, data: MilestoneUpdate, if_match: str | None
) -> Document:
    row = await projects.load(session, caller, project, Permission.MILESTONE_WRITE)
    place = projects.place(row)
    before = await reading.hold(session, MILESTONE, place, milestone_id, if_match)
    projects.require_not_archived(row)
    return await writing.change(session, caller, MILESTONE, place, before, changes_of(before.fields(), data))


async def delete_milestone(
    session: DbSession, caller: Caller, project: str, milestone_id: UUID, if_match: str | None
) -> None:
    row = await projects.load(session, caller, project, Permission.MILESTONE_WRITE)
    place = projects.place(row)
    milestone = await reading.hold(session, MILESTONE, place, milestone_id, if_match, closed=True)
    projects.require_not_archived(row)
    await ON_REMOVING(session, caller, place, milestone_id)
    await writing.remove(session, caller, MILESTONE, place, milestone)
