"""Members: listed, added, given other roles, removed; who leaves; and who owns the project.

Nobody grants above their own role, nor touches somebody above it; and an owner stays, whoever acts at the same time.
"""

from dataclasses import dataclass
from uuid import UUID

from taskapi.core.access.permissions import Permission, require, require_at_most, require_not_above
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid, NotFound
from taskapi.core.http import references
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match
from taskapi.core.resources.records import Place
from taskapi.models import ProjectRole
from taskapi.projects import events, membership
from taskapi.projects import service as projects
from taskapi.projects.errors import LastOwner
from taskapi.projects.members import queries
from taskapi.projects.members.queries import StandingRow
from taskapi.projects.members.schemas import MemberCreate, MemberUpdate, Transfer
from taskapi.projects.queries import ProjectRow


@dataclass(frozen=True, slots=True)
class _Standing:
    """The project, locked, and the roles that matter as they are now."""

    project: ProjectRow
    members: dict[UUID, StandingRow]
    """By user: the owners, the caller, and whoever the change is about."""

    @property
    def place(self) -> Place:
        return projects.place(self.project)


async def list_members(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.MEMBER_READ)
    return await paging.fetch_in_order(session, params, queries.page, queries.COUNT, project_id=row["id"])


async def get_member(session: DbSession, caller: Caller, project: str, user_id: UUID) -> Document:
    project_row = await projects.load(session, caller, project, Permission.MEMBER_READ)
    row = await session.fetch_row(queries.MEMBER, project_id=project_row["id"], user_id=user_id)
    if row is None:
        raise _no_member()
    return Document.of(row, pure=False)


async def add_member(session: DbSession, caller: Caller, project: str, data: MemberCreate) -> Document:
    row = await projects.load(session, caller, project, Permission.MEMBER_MANAGE)
    require_at_most(data.role, row["role"])
    projects.require_not_archived(row)
    user_id = await _active_user(session, data)
    return await membership.enter(session, caller, projects.place(row), user_id, data.role)


async def change_member(
    session: DbSession, caller: Caller, project: str, user_id: UUID, data: MemberUpdate, if_match: str | None
) -> Document:
    """A role is given by who is not below it; everybody says themselves how much they can do."""
    standing = await _load(session, caller, project, user_id)
    member = standing.members[user_id]
    if data.model_fields_set == {"weekly_capacity"}:
        if user_id != caller.id:
            require(_own_role(standing, caller), Permission.MEMBER_MANAGE)
        require_match(if_match, Document.of(member, pure=False))
        projects.require_not_archived(standing.project)
        return await _change_capacity(session, caller, standing, user_id, data)
    role = data.role if "role" in data.model_fields_set else ProjectRole(member["role"])
    _require_rights(standing.project["role"], member["role"], role)
    before = Document.of(member, pure=False)
    require_match(if_match, before)
    projects.require_not_archived(standing.project)
    if role is not ProjectRole.OWNER:
        _require_another_owner(standing, user_id)
    _require_rights(_own_role(standing, caller), member["role"], role)
    if member["role"] != role:
        before = await membership.change_role(session, caller, standing.place, user_id, member["role"], role)
    return await _change_capacity(session, caller, standing, user_id, data, before)


async def _change_capacity(
    session: DbSession,
    caller: Caller,
    standing: _Standing,
    user_id: UUID,
    data: MemberUpdate,
    before: Document | None = None,
) -> Document:
    """The member as they are then; `before` is what they are by now."""
    member, after = standing.members[user_id], data.weekly_capacity
    if "weekly_capacity" not in data.model_fields_set or member["weekly_capacity"] == after:
        return before or Document.of(member, pure=False)
    capacity = member["weekly_capacity"]
    return await membership.change_capacity(session, caller, standing.place, user_id, capacity, after)


async def remove_member(session: DbSession, caller: Caller, project: str, user_id: UUID, if_match: str | None) -> None:
    """Also where the project is archived: access can be taken away at any time."""
    standing = await _load(session, caller, project, user_id)
    member = standing.members[user_id]
    _require_rights(standing.project["role"], member["role"])
    require_match(if_match, Document.of(member, pure=False))
    _require_another_owner(standing, user_id)
    _require_rights(_own_role(standing, caller), member["role"])
    await membership.leave(session, caller, standing.place, user_id, member["role"])


async def leave_project(session: DbSession, caller: Caller, project: str) -> None:
    standing = await _load(session, caller, project, caller.id)
    _require_another_owner(standing, caller.id)
    await membership.leave(session, caller, standing.place, caller.id, standing.members[caller.id]["role"])


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
    place = standing.place
    await publish(session, caller, events.project_transferred(place, from_user, data.user_id))
    for user_id, role in ((data.user_id, ProjectRole.OWNER), (caller.id, ProjectRole.ADMIN)):
        before = standing.members.get(user_id)
        if before is not None and before["role"] != role:
            await membership.change_role(session, caller, place, user_id, before["role"], role)
    return await projects.get_project(session, caller, project)


async def pass_on(session: DbSession, leaver: Caller, place: Place, heir: UUID, role: str) -> None:
    """The last owner leaves, and another member, whose role it was so far, owns the project; which has been locked."""
    await publish(session, leaver, events.project_transferred(place, leaver.id, heir))
    if role != ProjectRole.OWNER:
        await membership.change_role(session, leaver, place, heir, role, ProjectRole.OWNER)
    await membership.leave(session, leaver, place, leaver.id, ProjectRole.OWNER)


async def _load(session: DbSession, caller: Caller, project: str, user_id: UUID) -> _Standing:
    """One who changes who owns a project at a time: the lock on the project is the queue for it."""
    row = await projects.load(session, caller, project, Permission.MEMBER_READ, lock=True)
    standing = await _standing(session, caller, row, user_id)
    if user_id not in standing.members:
        raise _no_member()
    return standing


async def _standing(session: DbSession, caller: Caller, project: ProjectRow, user_id: UUID) -> _Standing:
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
    member = standing.members.get(caller.id)
    return standing.project["role"] if member is None else member["role"]


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


async def _active_user(session: DbSession, data: MemberCreate) -> UUID:
    if "user_id" in data.model_fields_set:
        found = await session.fetch_value(queries.ACTIVE_BY_ID, user_id=data.user_id)
        fault = ("/user_id", "unknown_user", "There is no active user with this id")
    else:
        found = await session.fetch_value(queries.ACTIVE_BY_USERNAME, username=data.username)
        fault = ("/username", "unknown_user", "There is no active user with this name")
    if found is None:
        raise Invalid("There is no such user", fault)
    return found


def _no_member() -> NotFound:
    return NotFound("The project has no such member")
