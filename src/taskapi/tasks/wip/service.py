"""Statuses with a limit take no more tasks than it says, whoever comes at the same time.

A limit below what is in a status is allowed: nothing is moved out, and nothing comes in until there is room.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.wip import queries


async def require_room(
    session: DbSession, project_id: UUID, status: str, limit: int | None, *, entering: int = 1
) -> None:
    """`limit` is what was found with the status; without one nothing is asked and nobody waits.

    Before a task enters it; with `entering=0`, after they have.
    """
    if limit is None:
        return
    # What it is now that the row is held.
    limit = await session.fetch_value(queries.LIMIT, project_id=project_id, status=status)
    if limit is None:
        return
    await _require(session, project_id, status, limit, entering)


async def require_room_for_all(session: DbSession, project_id: UUID, statuses: Iterable[str]) -> None:
    """Before several tasks enter, each the status of its own that is named here."""
    entering = Counter(statuses)
    for row in await session.fetch_rows(queries.LIMITS, project_id=project_id, statuses=list(entering)):
        if row["wip_limit"] is not None:
            await _require(session, project_id, row["key"], row["wip_limit"], entering[row["key"]])


async def _require(session: DbSession, project_id: UUID, status: str, limit: int, entering: int) -> None:
    count = await session.only_value(queries.COUNT, project_id=project_id, status=status)
    if count + entering > limit:
        detail = f"At most {limit} tasks may be in the status {status}, and {count} are: finish one, or raise the limit"
        raise WipLimitReached(detail, limit=limit, count=count)
