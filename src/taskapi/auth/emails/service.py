"""Proving an address, and changing it: pending until the new mailbox confirms, undone by the old one for a week."""

from typing import Final
from uuid import UUID

import asyncpg
import structlog

from taskapi.auth import accounts, links
from taskapi.auth import queries as account_queries
from taskapi.auth.emails import events, queries
from taskapi.auth.emails.errors import EmailTaken
from taskapi.auth.queries import LockedAccount
from taskapi.auth.recovery import service as recovery
from taskapi.auth.second_factor import events as second_factor
from taskapi.auth.sessions import service as sessions
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

# Links that go by the address an account had, or was to have: a change makes them void.
_OF_THE_OLD_ADDRESS: Final = (Purpose.CHANGE_EMAIL, Purpose.VERIFY_EMAIL, Purpose.RESET_PASSWORD)


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


async def verify(session: DbSession, parts: Parts, token: str) -> None:
    account, opened = await links.open_link(session, parts, Purpose.VERIFY_EMAIL, token)
    if opened.details["email"] != account["email"]:
        raise one_time.not_valid()
    if account["email_verified"]:
        return
    await session.run(queries.VERIFY, of_user=account["id"], updated_at=utc_now())
    await publish(session, links.owner(account), events.email_verified(account["id"], account["username"]))
    log.info("auth.email.verified", user_id=str(account["id"]))


async def prove(session: DbSession, caller: Caller, account: LockedAccount, *, keeps_password: bool) -> None:
    """Take the address of the account for proven: the caller's session came with another link that was mailed to it.

    All other access ends. Without `keeps_password` the password and the second factor go, too, because somebody else
    may have registered the address and set them; the owner of the mailbox gets a link to set a new password.
    """
    if account["email_verified"]:
        return
    now = utc_now()
    await session.run(queries.VERIFY, of_user=caller.id, updated_at=now)
    await publish(session, caller, events.email_verified(caller.id, account["username"]))
    await one_time.void(session, Purpose.CHANGE_EMAIL, caller.id)
    await sessions.end_other_access(session, caller, "e-mail address proven")
    if not keeps_password:
        await session.run(queries.DROP_PASSWORD, of_user=caller.id, updated_at=now)
        await publish(session, caller, events.password_dropped(caller.id, account["username"]))
        if await session.fetch_value(queries.DROP_SECOND_FACTOR, of_user=caller.id) is not None:
            await publish(session, caller, second_factor.totp_disabled(caller.id, account["username"]))
        await recovery.send_reset_link(session, account["email"])
    log.info("auth.email.verified", user_id=str(caller.id))


async def request_change(session: DbSession, caller: Caller, email: str) -> None:
    """Ask the new mailbox, and tell the old one. The caller has given the password again."""
    account = await accounts.lock(session, caller.id)
    assert account is not None
    if email == account["email"]:
        return
    if await links.are_enough(session, Purpose.CHANGE_EMAIL, caller.id):
        raise TooManyMails.until(3600, "Confirm one of the changes you asked for, or wait")
    await limits.require_room_at(session, Purpose.CHANGE_EMAIL, email)
    await limits.require_room_at(session, Purpose.UNDO_EMAIL_CHANGE, account["email"])
    values: dict[str, object] = {"username": account["username"], "new_email": email}
    change_id = await one_time.issue(session, Purpose.CHANGE_EMAIL, caller.id, {"email": email})
    # A thief who changes the address twice must not make the first mailbox's link void.
    undo_id = await one_time.issue(
        session, Purpose.UNDO_EMAIL_CHANGE, caller.id, {"email": account["email"]}, voids_older=False
    )
    await send_link(session, Purpose.CHANGE_EMAIL, email, change_id, values)
    await send_link(session, Purpose.UNDO_EMAIL_CHANGE, account["email"], undo_id, values)
    await publish(session, caller, events.email_change_requested(caller.id, account["username"]))
    log.info("auth.email.change_requested", user_id=str(caller.id))


async def confirm_change(session: DbSession, parts: Parts, token: str) -> None:
    """By the link in the new mailbox, which proves it: it is the account's from now on."""
    account, opened = await links.open_link(session, parts, Purpose.CHANGE_EMAIL, token)
    await _set_email(session, account, opened.details["email"], "user.email_changed")


async def undo_change(session: DbSession, parts: Parts, token: str) -> None:
    """By the link in the old mailbox: the change is off, whether pending or done, and whoever asked for it is out.

    They may know the password, so the owner gets a link to set a new one.
    """
    account, opened = await links.open_link(session, parts, Purpose.UNDO_EMAIL_CHANGE, token)
    await session.run(queries.VOID_LATER_UNDOS, of_user=account["id"], later_than=opened.id, now=utc_now())
    await _set_email(session, account, opened.details["email"], "user.email_change_undone")
    await sessions.end_all_access(session, links.owner(account), account["id"], "e-mail change undone")
    await recovery.send_reset_link(session, opened.details["email"])


async def _set_email(session: DbSession, account: LockedAccount, email: str, kind: str) -> None:
    user_id = account["id"]
    for purpose in _OF_THE_OLD_ADDRESS:
        await one_time.void(session, purpose, user_id)
    try:
        await session.run(queries.SET_EMAIL, of_user=user_id, email=email, updated_at=utc_now())
    except asyncpg.UniqueViolationError:
        raise EmailTaken("Another account has this address by now") from None
    changes = {"email": (account["email"], email), "email_verified": (account["email_verified"], True)}
    changed = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    await publish(session, links.owner(account), events.email_changed(kind, user_id, account["username"], changed))
    log.info(kind, user_id=str(user_id))
