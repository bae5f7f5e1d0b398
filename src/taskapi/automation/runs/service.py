"""What rules did: looked at for as long as it is kept."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from taskapi.automation.rules import service as rules
from taskapi.automation.runs import queries
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice

_KEPT: Final = timedelta(days=30)


async def list_runs(session: DbSession, caller: Caller, project: str, rule_id: UUID, params: PageParams) -> Slice:
    await rules.get_rule(session, caller, project, rule_id)
    return await paging.fetch_in_order(session, params, queries.page, queries.COUNT, of_rule=rule_id)


async def task_of(
    session: DbSession, subject_type: str, subject_id: UUID, changes: Mapping[str, Sequence[object]]
) -> UUID | None:
    """The task that a change is about; None where the comment that it tells of is gone, as another change tells."""
    if subject_type == "task":
        return subject_id
    named = [value for value in changes.get("task_id", ()) if value is not None]
    if named:
        return UUID(str(named[-1]))
    return await session.fetch_value(queries.TASK_OF_COMMENT, of_comment=subject_id)


async def forget_old(session: DbSession) -> None:
    """An id begins with the milliseconds of its making (RFC 9562 §5.7)."""
    milliseconds = int((utc_now() - _KEPT).timestamp() * 1000)
    await session.run(queries.FORGET, before=UUID(int=milliseconds << 80))
