"""Members: listed, added, given other roles, removed; who leaves; and who owns the project.

Nobody grants above their own role, nor touches somebody above it; and an owner stays, whoever acts at the same time.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from taskapi.core.access.permissions import Permission, require, require_at_most, require_not_above
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Row
from taskapi.core.errors import Invalid, NotFound
from taskapi.core.http import references
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.models import ProjectRole
from taskapi.projects import events as project_events
from taskapi.projects import service as projects
from taskapi.projects.errors import AlreadyMember, LastOwner
from taskapi.projects.members import events, queries
from taskapi.projects.members.schemas import MemberCreate, MemberUpdate, Transfer


@dataclass(frozen=True, slots=True)
class _Standing:
    """The project, locked, and the roles that matter as they are now."""

    project: Row
    members: dict[UUID, Row]
    """The owners, the caller, and the one it is about."""

    @property
    def project_id(self) -> UUID:
        found: UUID = self.project["id"]
        return found


async def list_members(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.MEMBER_READ)
    return await paging.fetch(
        session,
        params,
        page=queries.page(params.rows, continues=params.continues),
        count=queries.COUNT,
        project_id=row["id"],
    )


async def add_member(session: DbSession, caller: Caller, project: str, data: MemberCreate) -> Document:
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
    await publish(session, caller, project_events.member_added(row["id"], row["key"], data.user_id, data.role))
    added = await session.fetch_row(queries.MEMBER, project_id=row["id"], user_id=data.user_id)
    assert added is not None
    return Document.of(added)


async def change_role(
    session: DbSession, caller: Caller, project: str, user_id: UUID, data: MemberUpdate, if_match: str | None
) -> Document:
    standing = await _load(session, caller, project, user_id)
    member = standing.members[user_id]
    role = data.role if "role" in data.model_fields_set else ProjectRole(member["role"])
    _require_rights(standing.project["role"], member["role"], role)
    before = Document.of(member)
    require_match(if_match, before)
    projects.require_not_archived(standing.project)
    if role is not ProjectRole.OWNER:
        _require_another_owner(standing, user_id)
    _require_rights(_own_role(standing, caller), member["role"], role)
    if member["role"] == role:
        return before
    changed = await _set_role(session, standing, user_id, role)
    await publish(session, caller, events.role_changed(standing.project, user_id, member["role"], role))
    return changed


async def remove_member(session: DbSession, caller: Caller, project: str, user_id: UUID, if_match: str | None) -> None:
    """Also where the project is archived: access can be taken away at any time."""
    standing = await _load(session, caller, project, user_id)
    member = standing.members[user_id]
    _require_rights(standing.project["role"], member["role"])
    require_match(if_match, Document.of(member))
    _require_another_owner(standing, user_id)
    _require_rights(_own_role(standing, caller), member["role"])
    fact = events.member_removed(standing.project, user_id, member["role"])
    await _take_out(session, caller, standing, user_id, fact)


async def leave_project(session: DbSession, caller: Caller, project: str) -> None:
    standing = await _load(session, caller, project, caller.id)
    _require_another_owner(standing, caller.id)
    fact = events.member_left(standing.project, caller.id, standing.members[caller.id]["role"])
    await _take_out(session, caller, standing, caller.id, fact)


async def transfer_project(session: DbSession, caller: Caller, project: str, data: Transfer) -> Document:
    """The caller's ownership goes to another member; the caller stays as an admin."""
    row = await projects.load(session, caller, project, Permission.PROJECT_TRANSFER, lock=True)
    standing = await _standing(session, caller, row, data.user_id)
    member = standing.members.get(data.user_id)
    if member is None or not member["is_active"] or data.user_id == caller.id:
        detail = "The project has no other active member with this id"
        raise Invalid("There is nobody to hand it to", ("/user_id", "unknown_member", detail))
    require(_own_role(standing, caller), Permission.PROJECT_TRANSFER)
    projects.require_not_archived(row)
    # An administrator of the service, who need not be a member, has no ownership to give up.
    from_user = caller.id if caller.id in standing.members else None
    facts = [events.project_transferred(row, from_user, data.user_id)]
    for user_id, role in ((data.user_id, ProjectRole.OWNER), (caller.id, ProjectRole.ADMIN)):
        before = standing.members.get(user_id)
        if before is not None and before["role"] != role:
            await _set_role(session, standing, user_id, role)
            facts.append(events.role_changed(row, user_id, before["role"], role))
    await publish(session, caller, *facts, batch_id=new_id())
    return await projects.get_project(session, caller, project)


async def _load(session: DbSession, caller: Caller, project: str, user_id: UUID) -> _Standing:
    """One who changes who owns a project at a time: the lock on the project is the queue for it."""
    row = await projects.load(session, caller, project, Permission.MEMBER_READ, lock=True)
    standing = await _standing(session, caller, row, user_id)
    if user_id not in standing.members:
        raise NotFound("The project has no such member")
    return standing


async def _standing(session: DbSession, caller: Caller, project: Row, user_id: UUID) -> _Standing:
    rows = await session.fetch_rows(queries.STANDING, project_id=project["id"], caller_id=caller.id, user_id=user_id)
    standing = _Standing(project, {row["user_id"]: row for row in rows})
    if caller.id not in standing.members and not caller.is_admin:
        raise references.no_project()  # removed by somebody while this waited for the lock
    return standing


def _own_role(standing: _Standing, caller: Caller) -> str:
    """The caller's role now: it may have changed while this waited for the lock.

    Asked once the last owner is safe, for of two owners who demote each other the second shall hear what stands in
    the way, and not only that it has been demoted itself.
    """
    role: str = (standing.members.get(caller.id) or standing.project)["role"]
    return role


def _require_rights(own: str, theirs: str, granted: ProjectRole | None = None) -> None:
    """`granted` is the role they shall have from now on; None: none."""
    require(own, Permission.MEMBER_MANAGE)
    require_not_above(theirs, own)
    if granted is not None:
        require_at_most(granted, own)


def _require_another_owner(standing: _Standing, user_id: UUID) -> None:
    """One whose account is disabled does not count: nobody could sign in to act as the owner."""
    if standing.members[user_id]["role"] != ProjectRole.OWNER:
        return
    others = (row for row in standing.members.values() if row["user_id"] != user_id)
    if not any(row["role"] == ProjectRole.OWNER and row["is_active"] for row in others):
        raise LastOwner("Make somebody else an owner first, or delete the project")


async def _set_role(session: DbSession, standing: _Standing, user_id: UUID, role: ProjectRole) -> Document:
    row = await session.only_row(queries.CHANGE_ROLE, of_project=standing.project_id, of_user=user_id, role=role)
    assert row is not None
    return Document.of(row)


async def _take_out(session: DbSession, caller: Caller, standing: _Standing, user_id: UUID, fact: Fact) -> None:
    """Out of the project and off its tasks, as one batch.

    The membership first: who assigns a task holds it, so nobody is assigned to anything after we have looked.
    """
    who: dict[str, Any] = {"of_project": standing.project_id, "of_user": user_id}
    await session.fetch_row(queries.REMOVE, **who)
    tasks = await session.fetch_rows(queries.UNASSIGN, **who, now=utc_now())
    unassigned = (events.task_unassigned(standing.project, task) for task in tasks)
    await publish(session, caller, fact, *unassigned, batch_id=new_id())
