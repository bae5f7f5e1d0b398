"""Deleting accounts, one's own or somebody's."""

from typing import Final
from uuid import UUID

import structlog

from taskapi.auth import accounts
from taskapi.auth.accounts import Device
from taskapi.auth.reclaiming import service as reclaiming
from taskapi.auth.reclaiming.service import Act
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import forget_person, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.mail.sending import send_mail
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, require_match
from taskapi.models import ProjectRole, SystemRole
from taskapi.personal_data.deletion import events, queries
from taskapi.personal_data.deletion.schemas import AccountDelete
from taskapi.projects import service as projects
from taskapi.projects.errors import LastOwner
from taskapi.projects.members import service as members
from taskapi.users import service as users

log = structlog.stdlib.get_logger("taskapi.users")

_SHOWN_AS: Final = "Deleted user"


async def delete_own(
    session: DbSession, parts: Parts, caller: Caller, device: Device, data: AccountDelete, if_match: str | None
) -> None:
    await accounts.confirm_password(parts, caller, data.password, device)
    await _delete(session, caller, caller.id, if_match)


async def delete_user(session: DbSession, caller: Caller, user_id: UUID, if_match: str | None) -> None:
    require_admin(caller, Permission.USER_MANAGE)
    await _delete(session, caller, user_id, if_match)


async def _delete(session: DbSession, caller: Caller, user_id: UUID, if_match: str | None) -> None:
    await users.require_another_administrator(session, user_id)
    account = await users.lock(session, user_id)
    require_match(if_match, account)
    await _leave_projects(session, user_id)
    await reclaiming.reclaim(session, caller, user_id, Act.DELETED)
    await publish(session, caller, events.user_deleted(user_id))
    await _tell(session, account)
    await session.run(
        queries.ERASE, of_user=user_id, placeholder=f"deleted-{user_id.hex}", shown_as=_SHOWN_AS, now=utc_now()
    )
    for statement in queries.FORGET:
        await session.run(statement, user_id=user_id)
    await forget_person(session, user_id)
    log.info("users.deleted", user_id=str(user_id), by=str(caller.id))


async def _leave_projects(session: DbSession, user_id: UUID) -> None:
    """Out of each, as if the user did it; whoever was alone in one takes it to the trash, where it is purged."""
    await session.run(queries.LOCK_PROJECTS, user_id=user_id)
    rows = await session.fetch_rows(queries.PROJECTS, user_id=user_id)
    solely_owned = [row for row in rows if row["role"] == ProjectRole.OWNER and not row["other_owners"]]
    if orphaned := [row["key"] for row in solely_owned if row["others"]]:
        raise LastOwner(f"Make somebody else an owner first, or delete the project: {', '.join(orphaned)}")
    leaver = Caller(user_id, SystemRole.USER)
    for row in rows:
        if row in solely_owned:
            await projects.delete_project(session, leaver, str(row["id"]), None)
        else:
            await members.leave_project(session, leaver, str(row["id"]))


async def _tell(session: DbSession, account: Document) -> None:
    fields = account.fields()
    await send_mail.enqueue(
        session, template="account_deleted", to=fields["email"], values={"username": fields["username"]}
    )
