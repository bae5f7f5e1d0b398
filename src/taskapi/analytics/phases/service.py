"""Phases are added as the log is read, and forgotten with their project."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from taskapi.analytics.phases import queries
from taskapi.analytics.phases.errors import ReportsNotReady
from taskapi.analytics.phases.queries import StandingRow
from taskapi.analytics.scope import Scope
from taskapi.core.change_log.tail import LoggedChange
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement, prepare_text
from taskapi.core.lists.sources import Origin


async def add(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    """The statement asks which of them tell of a phase."""
    ids = [change.id for change in changes if change.subject_type == "task"]
    if ids:
        await session.run(queries.ADD, ids=ids)


async def forget_of_purged_projects(session: DbSession) -> bool:
    """Some phases of what is gone; whether there may be more."""
    return bool(await session.fetch_values(queries.FORGET))


async def begin_anew(session: DbSession) -> bool:
    """Throw all phases away and have the log read from its beginning; False where it does not go back so far.

    Who is reading is waited for, and what is unread a report reads itself: it is right at any moment.
    """
    await session.run(queries.HOLD_READER)
    if await session.fetch_value(queries.IS_SHORTENED):
        return False
    last: UUID | None = UUID(int=0)
    while last is not None:
        last = await session.fetch_value(queries.FORGET_SOME, after=last)
    await session.run(queries.READ_ANEW)
    return True


async def complete_since(session: DbSession, scope: Scope) -> datetime | None:
    """From when on the phases of these projects tell everything; None: from the beginning.

    Raises ReportsNotReady where there is more to read than a report can.
    """
    statement = standing(scope.origin)
    row = await session.only_row(statement, **statement.taken_from(scope.values))
    if row["is_far_behind"]:
        raise ReportsNotReady
    return row["complete_since"]


@lru_cache(16)
def standing(origin: Origin) -> Statement[StandingRow]:
    return prepare_text(queries.standing(origin), row=StandingRow)
