"""Proving an address, and changing it: pending until the new mailbox confirms, undone by the old one for a week."""

from typing import Any
from uuid import UUID

import asyncpg
import structlog

from taskapi.auth import accounts, links, queries
from taskapi.auth.emails import events
from taskapi.auth.emails import queries as email_queries
from taskapi.auth.emails.errors import EmailTaken, TooManyMails
from taskapi.auth.recovery import service as recovery
from taskapi.auth.second_factor import events as second_factor
from taskapi.auth.sessions import service as sessions
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Row
from taskapi.core.mail.sending import send_link
from taskapi.core.parts import Parts
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import Purpose

log = structlog.stdlib.get_logger("taskapi.auth")


async def send_verification(session: DbSession, user_id: UUID, username: str, email: str) -> None:
    """The address is part of the link: one that was sent to yesterday's address proves nothing about today's."""
    token_id = await one_time.issue(session, Purpose.VERIFY_EMAIL, user_id, {"email": email})
    await send_link(session, Purpose.VERIFY_EMAIL, email, token_id, {"username": username})


async def resend_verification(session: DbSession, email: str) -> None:
    """To an active account whose address is not proven yet, at most five times an hour; else nothing happens."""
    user_id = await session.fetch_value(queries.ACCOUNT_BY_EMAIL, email=email)
    account = await accounts.lock(session, user_id) if user_id else None
    if account is None or account["email_verified"]:
        return
    if await links.are_enough(session, Purpose.VERIFY_EMAIL, account["id"]):
        log.warning("auth.email.resend_refused", user_id=str(account["id"]))
        return
    await send_verification(session, account["id"], account["username"], account["email"])


async def verify(session: DbSession, parts: Parts, token: str) -> None:
    account, opened = await links.open_link(session, parts, Purpose.VERIFY_EMAIL, token)
    if opened.details["email"] != account["email"]:
        raise one_time.not_valid()
    if account["email_verified"]:
        return
    await session.fetch_row(email_queries.VERIFY, of_user=account["id"], updated_at=utc_now())
    await publish(session, links.owner(account), events.email_verified(account["id"], account["username"]))
    log.info("auth.email.verified", user_id=str(account["id"]))


async def prove(session: DbSession, caller: Caller, account: Row, *, keeps_password: bool) -> None:
    """The mailbox has spoken, by another link that was mailed to it and that the caller's session brings.

    So all other access ends. Without `keeps_password` the password and the second factor go, too: somebody else may
    have registered the address and set them before the owner of the mailbox came, who gets a link to set a new one.
    """
    if account["email_verified"]:
        return
    who: dict[str, Any] = {"of_user": caller.id, "updated_at": utc_now()}
    await session.fetch_row(email_queries.VERIFY, **who)
    await publish(session, caller, events.email_verified(caller.id, account["username"]))
    await one_time.void(session, Purpose.CHANGE_EMAIL, caller.id)
    await sessions.end_other_access(session, caller, "e-mail address proven")
    if not keeps_password:
        await session.fetch_row(email_queries.DROP_PASSWORD, **who)
        await publish(session, caller, events.password_dropped(caller.id, account["username"]))
        if await session.fetch_value(email_queries.DROP_SECOND_FACTOR, of_user=caller.id) is not None:
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
        raise TooManyMails("Confirm one of the changes you asked for, or wait", headers={"Retry-After": "3600"})
    values = {"username": account["username"], "new_email": email}
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
    """From the new mailbox: it is proven, and from now on the account's."""
    account, opened = await links.open_link(session, parts, Purpose.CHANGE_EMAIL, token)
    await _set_email(session, account, opened.details["email"], "user.email_changed")


async def undo_change(session: DbSession, parts: Parts, token: str) -> None:
    """From the old mailbox: pending or done, the change is off, and whoever asked for it is out.

    They may know the password: the owner gets a link to set a new one.
    """
    account, opened = await links.open_link(session, parts, Purpose.UNDO_EMAIL_CHANGE, token)
    user_id: UUID = account["id"]
    await session.fetch_row(email_queries.VOID_LATER_UNDOS, of_user=user_id, token_id=opened.id, now=utc_now())
    await _set_email(session, account, opened.details["email"], "user.email_change_undone")
    await sessions.end_all_access(session, links.owner(account), user_id, "e-mail change undone")
    await recovery.send_reset_link(session, opened.details["email"])


async def _set_email(session: DbSession, account: Row, email: str, kind: str) -> None:
    user_id: UUID = account["id"]
    for purpose in (Purpose.CHANGE_EMAIL, Purpose.VERIFY_EMAIL, Purpose.RESET_PASSWORD):
        await one_time.void(session, purpose, user_id)
    try:
        await session.fetch_row(email_queries.SET_EMAIL, of_user=user_id, email=email, updated_at=utc_now())
    except asyncpg.UniqueViolationError:
        raise EmailTaken("Another account has this address by now") from None
    changes = {"email": (account["email"], email), "email_verified": (account["email_verified"], True)}
    changed = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    await publish(session, links.owner(account), events.email_changed(kind, user_id, account["username"], changed))
    log.info(kind, user_id=str(user_id))
