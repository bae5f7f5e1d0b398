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
from taskapi.core.mail.sending import send_notice
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, require_match
from taskapi.core.resources.records import Place
from taskapi.models import ProjectRole, SystemRole
from taskapi.personal_data.deletion import events, queries
from taskapi.personal_data.deletion.queries import ProjectRow, SuccessorRow
from taskapi.personal_data.deletion.schemas import AccountDelete
from taskapi.projects import membership
from taskapi.projects import service as projects
from taskapi.projects.errors import LastOwner
from taskapi.projects.members import service as members
from taskapi.tasks.feeds import service as feeds
from taskapi.tasks.views import service as views
from taskapi.users import service as users

log = structlog.stdlib.get_logger("taskapi.users")

_SHOWN_AS: Final = "Deleted user"
# The colon is in no username, so nobody can have taken the name before.
_PLACEHOLDER: Final = "deleted:{}"


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
    await views.forget_of_deleted(session, caller, user_id)
    await feeds.forget_of_deleted(session, caller, user_id)
    await reclaiming.reclaim(session, caller, user_id, Act.DELETED)
    await publish(session, caller, events.user_deleted(user_id))
    await _tell(session, account)
    await session.run(
        queries.ERASE, of_user=user_id, placeholder=_PLACEHOLDER.format(user_id.hex), shown_as=_SHOWN_AS, now=utc_now()
    )
    for statement in queries.FORGET:
        await session.run(statement, user_id=user_id)
    await forget_person(session, user_id)
    log.info("users.deleted", user_id=str(user_id), by=str(caller.id))


async def _leave_projects(session: DbSession, user_id: UUID) -> None:
    """Out of each, those in the trash too: restored, they would still list whoever is gone.

    Whoever was alone in one takes it to the trash, where it is purged. Anybody can make somebody the last owner of a
    project, so being one keeps nobody here: it takes something that they wrote. What they never wrote in, or have
    thrown away, passes to its most senior member.
    """
    await session.run(queries.LOCK_PROJECTS, user_id=user_id)
    rows = await session.fetch_rows(queries.PROJECTS, user_id=user_id)
    solely_owned = [row for row in rows if row["role"] == ProjectRole.OWNER and not row["other_owners"]]
    successors = await _successors(session, user_id, [row for row in solely_owned if row["others"]])
    leaver = Caller(user_id, SystemRole.USER)
    for row in rows:
        place = Place(row["id"], row["id"], row["key"])
        if row["id"] in successors:
            heir = successors[row["id"]]
            await members.pass_on(session, leaver, place, heir["user_id"], heir["role"])
            continue
        if row in solely_owned and not row["trashed"]:
            await projects.delete_project(session, leaver, str(row["id"]), None)
        await membership.leave(session, leaver, place, user_id, row["role"])


async def _successors(session: DbSession, user_id: UUID, orphaned: list[ProjectRow]) -> dict[UUID, SuccessorRow]:
    """Who gets each of these projects, by project; refused where the user wrote in one that is in use."""
    if not orphaned:
        return {}
    ids = [row["id"] for row in orphaned]
    written_in = set(await session.fetch_values(queries.WROTE_IN, user_id=user_id, project_ids=ids))
    if kept := [row["key"] for row in orphaned if row["id"] in written_in and not row["trashed"]]:
        raise LastOwner(f"Make somebody else an owner first, or delete the project: {', '.join(kept)}")
    rows = await session.fetch_rows(queries.SUCCESSORS, user_id=user_id, project_ids=ids)
    return {row["project_id"]: row for row in rows}


async def _tell(session: DbSession, account: Document) -> None:
    fields = account.fields()
    await send_notice(session, "account_deleted", fields["email"], {"username": fields["username"]})
