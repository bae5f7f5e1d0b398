"""Members: listed and added. Nobody grants above their own role."""

import asyncpg

from taskapi.core import pagination
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db import DbSession
from taskapi.core.errors import Invalid
from taskapi.core.events import publish
from taskapi.core.pagination import PageParams, Slice
from taskapi.core.permissions import Permission, require_at_most
from taskapi.projects import events
from taskapi.projects import service as projects
from taskapi.projects.errors import AlreadyMember
from taskapi.projects.members import queries
from taskapi.projects.members.schemas import MemberCreate


async def list_members(
    session: DbSession, caller: Caller, project: str, params: PageParams, after: dict[str, str] | None
) -> Slice:
    row = await projects.load(session, caller, project, Permission.MEMBER_READ)
    return await pagination.fetch(
        session,
        params,
        after,
        page=queries.page(params.limit, continues=after is not None),
        count=queries.COUNT,
        project_id=row["id"],
    )


async def add_member(session: DbSession, caller: Caller, project: str, data: MemberCreate) -> str:
    """The new member as JSON text."""
    row = await projects.load(session, caller, project, Permission.MEMBER_MANAGE)
    require_at_most(data.role, row["role"])
    projects.require_not_archived(row)
    if await session.fetch_row(queries.ACTIVE_USER, user_id=data.user_id) is None:
        raise Invalid("There is no such user", ("/user_id", "unknown_user", "There is no active user with this id"))
    try:
        await session.fetch_row(
            queries.ADD, project_id=row["id"], user_id=data.user_id, role=data.role, joined_at=utc_now()
        )
    except asyncpg.UniqueViolationError:
        raise AlreadyMember("Change the role of this member instead") from None
    await publish(session, caller, events.member_added(row["id"], row["key"], data.user_id, data.role))
    body: str = await session.fetch_value(queries.MEMBER, project_id=row["id"], user_id=data.user_id)
    return body
