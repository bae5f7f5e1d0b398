"""Invitations: sent, listed, taken back, and accepted by whoever reads the mail."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from taskapi.auth import accounts
from taskapi.auth.emails import service as emails
from taskapi.auth.emails.errors import EmailNotVerified
from taskapi.core.access.permissions import Permission, require_at_most
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, InvalidToken, NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.mail import limits
from taskapi.core.mail.mailers import sends_mail
from taskapi.core.mail.sending import send_link
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, require_match
from taskapi.core.resources.records import Place
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import LIFETIMES, Purpose
from taskapi.projects import membership
from taskapi.projects import service as projects
from taskapi.projects.errors import AlreadyMember
from taskapi.projects.invitations import events, queries
from taskapi.projects.invitations.errors import InvitationForAnotherAddress, TooManyInvitations
from taskapi.projects.invitations.queries import OpenedRow
from taskapi.projects.invitations.schemas import InvitationAccept, InvitationCreate

_MOST_PENDING: Final = 100
_REMEMBERED: Final = timedelta(days=30)


async def list_invitations(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    """Those that would still open the project."""
    row = await projects.load(session, caller, project, Permission.INVITATION_MANAGE)
    return await paging.fetch_in_order(
        session, params, queries.page, queries.COUNT, project_id=row["id"], now=utc_now()
    )


async def get_invitation(session: DbSession, caller: Caller, project: str, invitation_id: UUID) -> Document:
    """One that would still open the project."""
    row = await projects.load(session, caller, project, Permission.INVITATION_MANAGE)
    found = await session.fetch_row(queries.ONE, project_id=row["id"], invitation_id=invitation_id, now=utc_now())
    if found is None:
        raise _absent()
    return Document.of(found)


async def create_invitation(
    session: DbSession, parts: Parts, caller: Caller, project: str, data: InvitationCreate
) -> Document:
    """The same answer whether or not the address has an account; a newer one replaces the older.

    Also for somebody in the project, or inviting would tell its managers the addresses of those whom they added by
    name; the link then says that they are in it already.
    """
    await accounts.require_access(session, caller)
    # Locked, so that two at once neither pass the bound nor leave an address with two invitations.
    row = await projects.load(session, caller, project, Permission.INVITATION_MANAGE, lock=True)
    require_at_most(data.role, row["role"])
    projects.require_not_archived(row)
    now = utc_now()
    sender = await _sender(session, parts, caller, row["id"], data.email)
    replaced = await session.fetch_rows(queries.REPLACE, of_project=row["id"], of_email=data.email, now=now)
    invitation_id = data.id or new_id()
    try:
        created = await session.only_row(
            queries.CREATE,
            id=invitation_id,
            project_id=row["id"],
            email=data.email,
            role=data.role,
            invited_by=caller.id,
            created_at=now,
            expires_at=now + LIFETIMES[Purpose.INVITATION],
        )
    except asyncpg.UniqueViolationError:
        raise IdTaken("Leave the id out, or make a new one") from None
    place, invitation = projects.place(row), Document.of(created)
    facts = [events.invitation_revoked(place, old["id"]) for old in replaced]
    await publish(session, caller, *facts, events.invitation_created(place, invitation.fields()))
    token_id = await one_time.issue(session, Purpose.INVITATION, invitation_id)
    values = {"project": Document.of(row).fields()["name"], "sender": sender, "role": data.role}
    await send_link(session, Purpose.INVITATION, data.email, token_id, values)
    return invitation


async def revoke_invitation(
    session: DbSession, caller: Caller, project: str, invitation_id: UUID, if_match: str | None
) -> None:
    """Also where the project is archived: access can be taken away at any time."""
    row = await projects.load(session, caller, project, Permission.INVITATION_MANAGE)
    found = await session.fetch_row(queries.UNANSWERED, project_id=row["id"], invitation_id=invitation_id)
    if found is None:
        raise _absent()
    require_match(if_match, Document.of(found))
    await session.run(queries.REVOKE, of_project=row["id"], invitation_id=invitation_id, now=utc_now())
    await publish(session, caller, events.invitation_revoked(projects.place(row), invitation_id))


async def revoke_sent_by(session: DbSession, caller: Caller, user_id: UUID, since: datetime) -> None:
    """Those that somebody's account sent since then, and nobody has accepted: it may have been in other hands."""
    rows = await session.fetch_rows(queries.REVOKE_SENT_BY, of_user=user_id, since=since, now=utc_now())
    places = {row["id"]: Place(row["project_id"], row["project_id"], row["key"]) for row in rows}
    await publish(session, caller, *(events.invitation_revoked(place, sent) for sent, place in places.items()))


async def accept_invitation(session: DbSession, parts: Parts, caller: Caller, data: InvitationAccept) -> Document:
    """Into the project, once, for the account of the address that the invitation was sent to.

    The link proves the mailbox, so an account that had not done so has now; see `emails.prove` for what that ends.
    Its password stays where the account is younger than the invitation: whoever reads the mail has made it since.
    In an older one, it may be that of somebody who registered another's address and waited (pre-hijacking).
    """
    account = await accounts.lock(session, caller.id)
    if account is None:
        raise InvalidToken("The session has ended; sign in again")
    opened = await one_time.use(session, parts.links, Purpose.INVITATION, data.token)
    invitation = await session.fetch_row(queries.OPENED, invitation_id=opened.subject_id, now=utc_now())
    if invitation is None:
        raise one_time.not_valid()
    if account["email"] != invitation["email"]:
        raise InvitationForAnotherAddress("Sign in with the account of that address, or ask for an invitation to yours")
    projects.require_not_archived(invitation)
    keeps_password = account["created_at"] > invitation["created_at"]
    # First in, then proven: a proof takes back what the account let in, its invitations to itself too.
    await _join(session, caller, invitation)
    await emails.prove(session, caller, account, keeps_password=keeps_password)
    return await projects.get_project(session, caller, str(invitation["project_id"]))


async def forget_invitations(session: DbSession) -> None:
    """Addresses of people who never came are nothing to keep."""
    await session.run(queries.FORGET, before=utc_now() - _REMEMBERED)


async def _sender(session: DbSession, parts: Parts, caller: Caller, project_id: UUID, email: str) -> str:
    """The name that the mail shall bear, unless there is a reason not to send one."""
    found = await session.only_row(
        queries.SITUATION, project_id=project_id, caller_id=caller.id, email=email, now=utc_now()
    )
    if found["is_own"]:
        raise AlreadyMember("This is your own address, and you are in the project")
    if sends_mail(parts.settings) and not found["sender_verified"]:
        raise EmailNotVerified("Prove your own address before you have mail sent to others")
    if found["pending"] >= _MOST_PENDING:
        raise TooManyInvitations(f"{_MOST_PENDING} are open; revoke some, or wait until they are accepted or expire")
    await limits.require_room_for_sender(session, caller.id)
    await limits.require_room_at(session, Purpose.INVITATION, email)
    return found["sender"]


async def _join(session: DbSession, caller: Caller, invitation: OpenedRow) -> None:
    project = Place(invitation["project_id"], invitation["project_id"], invitation["project_key"])
    await session.run(queries.ACCEPT, invitation_id=invitation["id"], accepted_by=caller.id, now=utc_now())
    await publish(session, caller, events.invitation_accepted(project, invitation["id"], caller.id))
    await membership.enter(session, caller, project, caller.id, invitation["role"])


def _absent() -> NotFound:
    return NotFound("The project has no such open invitation")
