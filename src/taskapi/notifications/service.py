"""Telling people what happened."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import pydantic_core

from taskapi.core.change_log.tail import LoggedChange
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.notifications import happenings, queries
from taskapi.notifications.happenings import Happening

# Changes a statement: a task may have ten thousand watchers, and each statement shall end in seconds.
_AT_ONCE: Final = 50


async def tell(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    """Write what these changes are to people; it is read, and mailed, by whoever may still see it then."""
    found, now = happenings.of(changes), utc_now()
    invited = [happening for happening in found if happening.invitation_id is not None]
    others = [happening for happening in found if happening.invitation_id is None]
    for start in range(0, len(changes), _AT_ONCE):
        some = [happening for happening in others if start <= happening.place < start + _AT_ONCE]
        if not some:
            continue
        watched = {UUID(one.task_id) for one in some if one.task_id is not None and one.user_id is None}
        await session.run(queries.TELL, happened=_text(some), watched=list(watched), now=now)
    if invited:
        await session.run(queries.TELL_INVITED, happened=_text(invited), now=now)


async def tell_by_rule(session: DbSession, project_id: UUID, task_id: UUID, user_ids: Sequence[UUID]) -> int:
    """Tell these people of a task, or whoever watches it; how many were told."""
    told = happenings.by_rule(project_id, task_id, user_ids)
    watched = [] if user_ids else [task_id]
    return await session.only_value(queries.TELL, happened=_text(told), watched=watched, now=utc_now())


def _text(some: Sequence[Happening]) -> str:
    return pydantic_core.to_json(some).decode()
