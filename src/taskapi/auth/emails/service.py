"""Proving an address, and changing it: pending until the new mailbox confirms, undone by the old one for a week."""

from typing import Final
from uuid import UUID

import asyncpg
import structlog

from taskapi.auth import accounts, links
from taskapi.auth import queries as account_queries
from taskapi.auth.emails import events, queries
from taskapi.auth.emails.errors import EmailTaken, NoEmailChange
from taskapi.auth.queries import LockedAccount
from taskapi.auth.reclaiming import service as reclaiming
from taskapi.auth.reclaiming.service import Act, Hold
from taskapi.auth.recovery import service as recovery
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.mail import limits
from taskapi.core.mail.limits import TooManyMails
from taskapi.core.mail.sending import send_link
from taskapi.core.parts import Parts
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import Purpose

log = structlog.stdlib.get_logger("taskapi.auth")

# Of the mailbox that a link undoes a change for. One that had not proven itself before proves itself by that link.
_WAS_PROVEN: Final = "was_proven"
_UNDONE: Final = "user.email_change_undone"


async def send_verification(session: DbSession, user_id: UUID, username: str, email: str) -> None:
    """The address is part of the link: one that was sent to yesterday's address proves nothing about today's.

    To an address that has got enough of them nothing is sent; whoever has registered asks for another later.
    """
    if not await limits.has_room_at(session, Purpose.VERIFY_EMAIL, email):
        return
    token_id = await one_time.issue(session, Purpose.VERIFY_EMAIL, user_id, {"email": email})
    await send_link(session, Purpose.VERIFY_EMAIL, email, token_id, {"username": username})


async def resend_verification(session: DbSession, email: str) -> None:
    """To an active account whose address is not proven yet; else nothing happens."""
    user_id = await session.fetch_value(account_queries.ACCOUNT_BY_EMAIL, of_email=email)
    account = await accounts.lock(session, user_id) if user_id else None
    if account is None or account["email_verified"]:
        return
    await send_verification(session, account["id"], account["username"], account["email"])


async def verify(session: DbSession, parts: Parts, caller: Caller | None, token: str) -> None:
    """By the link. Whoever is signed in to the account besides knows its password, and so has set it."""
    account, opened = await links.open_link(session, parts, Purpose.VERIFY_EMAIL, token)
    if opened.details["email"] != account["email"]:
        raise one_time.not_valid()
    is_signed_in = caller is not None and caller.session_id is not None and caller.id == account["id"]
    owner = caller if caller is not None and is_signed_in else links.owner(account)
    await prove(session, owner, account, keeps_password=is_signed_in)


async def prove(session: DbSession, caller: Caller, account: LockedAccount, *, keeps_password: bool) -> None:
    """Take the address of the account for proven, by a link that was mailed to it.

    All access ends but the session that asks. Without `keeps_password` the password and the second factor go, too,
    because somebody else may have registered the address and set them; the owner of the mailbox gets a link to set a
    new password.
    """
    if account["email_verified"]:
        return
    await session.run(queries.VERIFY, of_user=account["id"], updated_at=utc_now())
    await publish(session, caller, events.email_verified(account["id"], account["username"]))
    also = frozenset[Hold]() if keeps_password else reclaiming.UNPROVEN
    await reclaiming.reclaim(session, caller, account["id"], Act.ADDRESS_PROVEN, also=also)
    if not keeps_password:
        await recovery.send_reset_link(session, account["email"], because_proven=True)
    log.info("auth.email.verified", user_id=str(account["id"]))


async def request_change(session: DbSession, caller: Caller, email: str) -> None:
    """Ask the new mailbox, and tell the old one. The caller has given the password again."""
    account = await accounts.lock_own(session, caller)
    if email == account["email"]:
        return
    if await links.are_enough(session, Purpose.CHANGE_EMAIL, caller.id):
        raise TooManyMails.until(3600, "Confirm one of the changes you asked for, or wait")
    await limits.require_room_at(session, Purpose.CHANGE_EMAIL, email)
    await limits.require_room_at(session, Purpose.UNDO_EMAIL_CHANGE, account["email"])
    values: dict[str, object] = {"username": account["username"], "new_email": email}
    change_id = await one_time.issue(session, Purpose.CHANGE_EMAIL, caller.id, {"email": email})
    # A thief who changes the address twice must not make the first mailbox's link void.
    undone = {"email": account["email"], _WAS_PROVEN: "yes" if account["email_verified"] else "no"}
    undo_id = await one_time.issue(session, Purpose.UNDO_EMAIL_CHANGE, caller.id, undone, voids_older=False)
    await send_link(session, Purpose.CHANGE_EMAIL, email, change_id, values)
    await send_link(session, Purpose.UNDO_EMAIL_CHANGE, account["email"], undo_id, values)
    await publish(session, caller, events.email_change_requested(caller.id, account["username"]))
    log.info("auth.email.change_requested", user_id=str(caller.id))


async def confirm_change(session: DbSession, parts: Parts, token: str) -> None:
    """By the link in the new mailbox, which proves it: it is the account's from now on."""
    account, opened = await links.open_link(session, parts, Purpose.CHANGE_EMAIL, token)
    email = opened.details["email"]
    await _set_email(session, links.owner(account), account, email, "user.email_changed", verified=True)


async def undo_change(session: DbSession, parts: Parts, token: str) -> None:
    """By the link in the old mailbox: the change is off, whether pending or done, and whoever asked for it is out.

    They may know the password, so the owner gets a link to set a new one. Identities that were linked since the change
    was asked for go by an address that may have been the thief's.
    """
    account, opened = await links.open_link(session, parts, Purpose.UNDO_EMAIL_CHANGE, token)
    owner, email = links.owner(account), opened.details["email"]
    await _set_email(session, owner, account, email, _UNDONE, verified=True)
    if opened.details.get(_WAS_PROVEN) == "no":
        await reclaiming.reclaim(session, owner, account["id"], Act.CHANGE_UNDONE, also=reclaiming.UNPROVEN)
    else:
        await reclaiming.reclaim(session, owner, account["id"], Act.CHANGE_UNDONE, linked_since=opened.created_at)
    await recovery.send_reset_link(session, email)


async def undo_change_of(session: DbSession, caller: Caller, user_id: UUID, if_match: str | None = None) -> None:
    """Administrators give an account back to the mailbox that it had a week ago, where its owner cannot open the link.

    Nobody has read that mailbox, so that its address is as proven as it was.
    """
    account = await accounts.lock_as_administrator(session, caller, user_id, if_match)
    first = await session.fetch_row(queries.FIRST_UNDO, of_user=user_id, now=utc_now())
    if first is None:
        raise NoEmailChange("No change was asked for within seven days, or it was undone before")
    await session.run(queries.USE_UNDO, of_link=first["id"], now=utc_now())
    was_proven = first["was_proven"] == "yes"
    await _set_email(session, caller, account, first["email"], _UNDONE, verified=was_proven)
    await reclaiming.reclaim(session, caller, user_id, Act.CHANGE_UNDONE, linked_since=first["created_at"])
    await recovery.send_reset_link(session, first["email"])


async def _set_email(
    session: DbSession, caller: Caller, account: LockedAccount, email: str, kind: str, *, verified: bool
) -> None:
    user_id = account["id"]
    try:
        await session.run(
            queries.SET_EMAIL, of_user=user_id, email=email, email_verified=verified, updated_at=utc_now()
        )
    except asyncpg.UniqueViolationError:
        raise EmailTaken("Another account has this address by now") from None
    # They go by the address that the account had, or was to have.
    await links.void_pending(session, user_id)
    changes = {"email": (account["email"], email), "email_verified": (account["email_verified"], verified)}
    changed = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    await publish(session, caller, events.email_changed(kind, user_id, account["username"], changed))
    log.info(kind, user_id=str(user_id))
