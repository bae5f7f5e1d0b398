"""Listing one's sessions, and ending one of them from another."""

from uuid import UUID

from taskapi.auth import service as auth
from taskapi.auth.sessions import queries
from taskapi.core import pagination
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.pagination import PageParams, Slice


async def list_sessions(session: DbSession, caller: Caller, params: PageParams, after: dict[str, str] | None) -> Slice:
    return await pagination.fetch(
        session,
        params,
        after,
        page=queries.page(params.limit, continues=after is not None),
        count=queries.COUNT,
        user_id=caller.id,
        now=utc_now(),
        current_id=caller.session_id,
    )


async def end_session(session: DbSession, caller: Caller, session_id: UUID) -> None:
    if not await auth.end_session(session, caller, session_id):
        raise NotFound("You have no such session")
