"""A rank for a task that shall stand between others; whoever asks holds the queue of the project.

A move writes its own row and no other. Only where a rank would grow past its limit are those around the place given
new ones, so many of them that the next rebalancing there is far away.
"""

from typing import Final
from uuid import UUID

from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid
from taskapi.core.http.references import Reference
from taskapi.core.resources.document import Document, Versioned
from taskapi.tasks import errors, ranking
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import Changes
from taskapi.tasks.order import queries
from taskapi.tasks.queries import named
from taskapi.tasks.schemas import TaskMove

_FIRST_REACH: Final = 32
_WIDER: Final = 4


async def rank_for(
    session: DbSession, caller: Caller, project_id: UUID, project_key: str, task_id: UUID, data: TaskMove
) -> str:
    """A rank between the neighbours that were named, or between the one named and the next."""
    here = {"project_id": project_id, "task_id": task_id}
    low = await _rank_of(session, here, data.after, "/after")
    high = await _rank_of(session, here, data.before, "/before")
    if low is not None and high is not None and low >= high:
        raise Invalid("There is no place there", ("/after", "wrong_order", "This task must come before the other"))
    if low is None:
        low = await session.fetch_value(queries.RANK_BELOW, rank=high, **here) or ""
    else:
        # The next one's, also where `before` names one further on: halfway there, somebody may stand already.
        high = await session.fetch_value(queries.RANK_ABOVE, rank=low, **here)
    return await _between(session, caller, here, project_key, low, high)


async def rank_again(
    session: DbSession, caller: Caller, project_id: UUID, project_key: str, task_id: UUID, rank: str
) -> str:
    """The rank that a task had before; where another has it by now, one right after that."""
    here = {"project_id": project_id, "task_id": task_id}
    if not await session.only_value(queries.IS_TAKEN, rank=rank, **here):
        return rank
    high = await session.fetch_value(queries.RANK_ABOVE, rank=rank, **here)
    return await _between(session, caller, here, project_key, rank, high)


async def _between(
    session: DbSession, caller: Caller, here: dict[str, UUID], project_key: str, low: str, high: str | None
) -> str:
    end = await _end_of_order(session, here["project_id"])
    rank = ranking.between(low, high or end)
    if len(rank) <= ranking.LONGEST:
        return rank
    return await _make_room(session, caller, here, project_key, low, high, end)


async def _end_of_order(session: DbSession, project_id: UUID) -> str:
    """What the next new task will get: after the last is short of it."""
    return ranking.of_number(await session.only_value(queries.LAST_NUMBER, project_id=project_id) + 1)


async def _make_room(
    session: DbSession,
    caller: Caller,
    here: dict[str, UUID],
    project_key: str,
    low: str,
    high: str | None,
    end: str,
) -> str:
    """Spread the ranks around a place anew, further and further out until they are short again, and keep it free."""
    reach = _FIRST_REACH
    while True:
        # One more on each side than is spread: it is where the others have to stay within.
        found = {"most": reach + 1, "project_key": project_key, **here}
        below = _in_order(await session.fetch_rows(queries.NEAREST_BELOW, rank=low, **found))
        above = [] if high is None else _in_order(await session.fetch_rows(queries.NEAREST_ABOVE, rank=high, **found))
        floor = below.pop(0).fields()["rank"] if len(below) > reach else ""
        ceiling = above.pop().fields()["rank"] if len(above) > reach else end
        ranks = ranking.spread(floor, ceiling, len(below) + 1 + len(above))
        is_all = floor == "" and ceiling == end
        if is_all or max(map(len, ranks)) <= ranking.SHORT:
            break
        reach *= _WIDER
    free = ranks.pop(len(below))
    changes: list[tuple[Document, Changes]] = [
        (document, {"rank": rank})
        for document, rank in zip([*below, *above], ranks, strict=True)
        if document.fields()["rank"] != rank
    ]
    await tasks.change_all(session, caller, changes)
    return free


def _in_order(rows: list[Versioned]) -> list[Document]:
    documents = [Document.of(row) for row in rows]
    return sorted(documents, key=lambda document: (document.fields()["rank"], document.fields()["id"]))


async def _rank_of(session: DbSession, here: dict[str, UUID], name: str | None, pointer: str) -> str | None:
    if name is None:
        return None
    reference: Reference = errors.parsed_neighbour(name, pointer)
    values = {f"of_{key}": value for key, value in named(reference).items()}
    rank = await session.fetch_value(queries.neighbour(reference.by), **here, **values)
    if rank is None:
        raise errors.unknown_neighbour(pointer)
    return rank
