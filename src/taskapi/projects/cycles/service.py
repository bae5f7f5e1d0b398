"""Cycles of a project: for everybody in it to read, for those who write its tasks to write.

Whoever writes one holds the project, so that two at once cannot overlap.
"""

from datetime import date
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
from taskapi.projects.cycles import queries
from taskapi.projects.cycles.errors import CycleOverlap, NoNextCycle, TooManyCycles, ends_too_early, no_target
from taskapi.projects.cycles.queries import CYCLE
from taskapi.projects.cycles.schemas import CycleCreate, CycleFilter, CycleUpdate
from taskapi.projects.queries import ProjectRow

_MOST: Final = 500

# With session, caller, project and the cycle that goes, which no task enters any more.
ON_REMOVING: Final[Hook[[DbSession, Caller, Place, UUID]]] = Hook("a cycle is removed")


async def list_cycles(session: DbSession, caller: Caller, project: str, params: CycleFilter) -> Slice:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.page(session, CYCLE, projects.place(row), params, params.sort)


async def get_cycle(session: DbSession, caller: Caller, project: str, cycle_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.PROJECT_READ)
    return await reading.find(session, CYCLE, projects.place(row), cycle_id)


async def create_cycle(session: DbSession, caller: Caller, project: str, data: CycleCreate) -> Document:
    row = await _load(session, caller, project)
    projects.require_not_archived(row)
    place = projects.place(row)
    if await session.only_value(CYCLE.count, of_place=place.id) >= _MOST:
        raise TooManyCycles(f"The project has {_MOST} cycles; delete one that nobody looks at")
    cycle_id = data.id or new_id()
    await _require_free_days(session, place, data.starts_on, data.ends_on, but=cycle_id)
    values = {**data.model_dump(), "id": cycle_id, "created_at": utc_now()}
    return await writing.add(session, caller, CYCLE, place, values)


async def update_cycle(
    session: DbSession, caller: Caller, project: str, cycle_id: UUID, data: CycleUpdate, if_match: str | None
) -> Document:
    row = await _load(session, caller, project)
    place = projects.place(row)
    before = await reading.hold(session, CYCLE, place, cycle_id, if_match)
    projects.require_not_archived(row)
    changes = changes_of(before.fields(), data)
    if changes.keys() & {"starts_on", "ends_on"}:
        days = {**_days(before), **changes}
        await _require_free_days(session, place, days["starts_on"], days["ends_on"], but=cycle_id)
    return await writing.change(session, caller, CYCLE, place, before, changes)


async def delete_cycle(session: DbSession, caller: Caller, project: str, cycle_id: UUID, if_match: str | None) -> None:
    row = await _load(session, caller, project)
    place = projects.place(row)
    cycle = await reading.hold(session, CYCLE, place, cycle_id, if_match, closed=True)
    projects.require_not_archived(row)
    await ON_REMOVING(session, caller, place, cycle_id)
    await writing.remove(session, caller, CYCLE, place, cycle)


async def hold_with_target(
    session: DbSession, caller: Caller, project: str, cycle_id: UUID, to: UUID | None, if_match: str | None
) -> tuple[Place, UUID]:
    """The project of a cycle, and the other cycle that is named, or that comes next."""
    row = await _load(session, caller, project)
    place = projects.place(row)
    cycle = await reading.hold(session, CYCLE, place, cycle_id, if_match)
    projects.require_not_archived(row)
    return place, await _target(session, place, cycle, to)


async def _load(session: DbSession, caller: Caller, project: str) -> ProjectRow:
    return await projects.load(session, caller, project, Permission.CYCLE_WRITE, lock=True)


async def _target(session: DbSession, place: Place, cycle: Document, to: UUID | None) -> UUID:
    if to is None:
        starts = _days(cycle)["starts_on"]
        following = await session.fetch_value(queries.NEXT, of_place=place.id, starts=starts)
        if following is None:
            raise NoNextCycle("Make a cycle that starts later, or name another one with `to`")
        return following
    named = await session.fetch_value(queries.NAMED, of_place=place.id, of_id=to)
    if named is None or str(named) == cycle.fields()["id"]:
        raise no_target()
    return named


async def _require_free_days(session: DbSession, place: Place, starts: date, ends: date, *, but: UUID) -> None:
    if ends < starts:
        raise ends_too_early()
    other = await session.fetch_value(queries.OVERLAPPING, of_place=place.id, but=but, starts=starts, ends=ends)
    if other is not None:
        raise CycleOverlap(f"The cycle {other} has some of these days; choose others, or change that one first")


def _days(cycle: Document) -> dict[str, date]:
    return {name: date.fromisoformat(cycle.fields()[name]) for name in ("starts_on", "ends_on")}
