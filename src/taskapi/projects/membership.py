"""Who is in a project: the one writer of members. Rights and rules are their callers' business."""

from typing import Final
from uuid import UUID

import asyncpg

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.models import ProjectRole
from taskapi.projects import events, queries
from taskapi.projects.errors import AlreadyMember

# With session, caller, project and who left.
ON_LEAVING: Final[Hook[[DbSession, Caller, Place, UUID]]] = Hook("a member leaves a project")


async def enter(session: DbSession, caller: Caller, project: Place, user_id: UUID, role: str) -> Document:
    try:
        row = await session.only_row(
            queries.ADD_MEMBER, project_id=project.id, of_user=user_id, role=role, joined_at=utc_now()
        )
    except asyncpg.UniqueViolationError:
        raise AlreadyMember("This user is in the project already; a role is changed with PATCH") from None
    await publish(session, caller, events.member_added(project, user_id, role))
    return Document.of(row, pure=False)


async def change_role(
    session: DbSession, caller: Caller, project: Place, user_id: UUID, before: str, role: ProjectRole
) -> Document:
    """Of a member who is locked, and has another role now."""
    row = await session.only_row(queries.CHANGE_ROLE, of_project=project.id, of_user=user_id, role=role)
    await publish(session, caller, events.role_changed(project, user_id, before, role))
    return Document.of(row, pure=False)


async def change_capacity(
    session: DbSession, caller: Caller, project: Place, user_id: UUID, before: float | None, capacity: float | None
) -> Document:
    """Of a member who is locked, and whose capacity was another."""
    row = await session.only_row(queries.SET_CAPACITY, of_project=project.id, of_user=user_id, weekly_capacity=capacity)
    await publish(session, caller, events.capacity_changed(project, user_id, before, capacity))
    return Document.of(row, pure=False)


async def leave(session: DbSession, caller: Caller, project: Place, user_id: UUID, role: str) -> None:
    """Out by oneself, or taken out by somebody else; with everything that follows.

    The membership goes first: who assigns a task holds it, so nobody is assigned to anything once others have looked.
    """
    capacity = await session.fetch_value(queries.REMOVE_MEMBER, of_project=project.id, of_user=user_id)
    told = events.member_left if caller.id == user_id else events.member_removed
    await publish(session, caller, told(project, user_id, role, capacity))
    await ON_LEAVING(session, caller, project, user_id)
