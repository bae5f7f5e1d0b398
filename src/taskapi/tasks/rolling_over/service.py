"""A cycle that is over hands its open tasks on."""

from uuid import UUID

from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.projects.cycles import service as cycles
from taskapi.tasks.departures import service as departures
from taskapi.tasks.rolling_over.schemas import RollOver


async def roll_over(
    session: DbSession, caller: Caller, project: str, cycle_id: UUID, data: RollOver, if_match: str | None
) -> dict[str, object]:
    """Finished tasks stay, for they tell what was done in it."""
    place, target = await cycles.hold_with_target(session, caller, project, cycle_id, data.to, if_match)
    moved = await departures.hand_on(session, caller, place, cycle_id, target)
    return {"to": target, "moved": moved}
