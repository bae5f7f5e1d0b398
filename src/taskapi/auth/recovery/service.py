"""Setting a new password: with a link from the mailbox, or with the present one."""

from typing import Final
from uuid import UUID

import structlog

from taskapi.auth import accounts, links
from taskapi.auth import queries as account_queries
from taskapi.auth.accounts import Device
from taskapi.auth.api_tokens import service as api_tokens
from taskapi.auth.queries import AccountDocument, LockedAccount
from taskapi.auth.reclaiming import service as reclaiming
from taskapi.auth.reclaiming.service import Act, Hold
from taskapi.auth.recovery import events, queries
from taskapi.auth.recovery.schemas import ChangePassword, ResetPassword
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.mail import limits
from taskapi.core.mail.sending import send_link, send_notice
from taskapi.core.parts import Parts
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import LinkNotValid, Purpose

log = structlog.stdlib.get_logger("taskapi.auth")

_HANDED_OVER: Final = "handed_over"


async def send_reset_link(session: DbSession, email: str, *, because_proven: bool = False) -> None:
    """To the stored address of an active account that has not got enough of them; else nothing happens."""
    user_id = await session.fetch_value(account_queries.ACCOUNT_BY_EMAIL, of_email=email)
    account = await accounts.lock(session, user_id) if user_id else None
    if account is None:
        return
    if not await limits.has_room_at(session, Purpose.RESET_PASSWORD, account["email"]):
        log.warning("auth.password.forgot_refused", user_id=str(account["id"]))
        return
    token_id = await one_time.issue(session, Purpose.RESET_PASSWORD, account["id"])
    values = {"username": account["username"], "because_proven": because_proven}
    await send_link(session, Purpose.RESET_PASSWORD, account["email"], token_id, values)
    await publish(session, None, events.password_reset_requested(account["id"], account["username"]))
    log.info("auth.password.forgot", user_id=str(account["id"]))


async def make_reset_link(session: DbSession, caller: Caller, user_id: UUID) -> UUID:
    """The id of a link for administrators to hand over to somebody whom no mail reaches; older ones are void.

    It sets a password as a mailed one does, but proves no address, for it was in nobody's mailbox.
    """
    require_admin(caller, Permission.USER_MANAGE)
    account = await accounts.lock(session, user_id)
    if account is None:
        raise NotFound("There is no such active user")
    token_id = await one_time.issue(session, Purpose.RESET_PASSWORD, user_id, {_HANDED_OVER: "yes"})
    await publish(session, caller, events.password_reset_link_made(user_id, account["username"]))
    log.info("auth.password.reset_link_made", user_id=str(user_id))
    return token_id


async def reset_password(session: DbSession, parts: Parts, data: ResetPassword) -> None:
    """With a link. It ends all that is signed in, but leaves the second factor on: mailboxes are stolen, too.

    Where the link is the first proof of the address, somebody else may have registered it: the factor goes as well.
    """
    about = await _names_behind(parts, data.token)
    accounts.require_strength(parts.settings.security, "/password", data.password, *about)
    password_hash = await parts.passwords.hash(data.password)
    account, opened = await links.open_link(session, parts, Purpose.RESET_PASSWORD, data.token)
    was_mailed = _HANDED_OVER not in opened.details
    user_id, owner = account["id"], links.owner(account)
    await session.run(
        queries.RESET,
        of_user=user_id,
        password_hash=password_hash,
        updated_at=utc_now(),
        proves_address=was_mailed,
    )
    verifies = was_mailed and not account["email_verified"]
    fact = events.password_reset(user_id, account["username"], verifies=verifies)
    await publish(session, owner, fact)
    also = reclaiming.UNPROVEN - {Hold.PASSWORD} if verifies else frozenset[Hold]()
    also |= {Hold.LET_IN} if data.in_other_hands else set()
    await reclaiming.reclaim(session, owner, user_id, Act.PASSWORD_RESET, also=also)
    await _tell_owner(session, account)
    log.info("auth.password.reset", user_id=str(user_id))


async def change_password(
    session: DbSession, parts: Parts, caller: Caller, device: Device, data: ChangePassword
) -> list[str]:
    """The caller's other sessions end; the one that asks goes on. The API tokens that still open the account."""
    await accounts.confirm_password(parts, caller, data.current_password, device)
    async with parts.database.autocommit() as reading:
        about = _names(await reading.fetch_row(account_queries.ACCOUNT, of_user=caller.id))
    accounts.require_strength(parts.settings.security, "/new_password", data.new_password, *about)
    password_hash = await parts.passwords.hash(data.new_password)
    account = await accounts.lock_own(session, caller)
    await session.run(queries.CHANGE, of_user=caller.id, password_hash=password_hash, updated_at=utc_now())
    await publish(session, caller, events.password_changed(caller.id, account["username"]))
    also = frozenset({Hold.API_TOKENS} if data.end_tokens else ())
    await reclaiming.reclaim(session, caller, caller.id, Act.PASSWORD_CHANGED, also=also)
    await _tell_owner(session, account)
    log.info("auth.password.changed", user_id=str(caller.id))
    return await api_tokens.good(session, caller)


async def _names_behind(parts: Parts, token: str) -> tuple[str | None, ...]:
    """The names of the link's owner, without using the link up: a weak password must not cost it.

    None for a link that is not good any more. Only the transaction refuses that, because it gives a repeat under an
    Idempotency-Key the stored answer first. A text that never was a link of ours is refused here, before the hash.
    """
    parts.links.read(Purpose.RESET_PASSWORD, token)
    async with parts.database.autocommit() as reading:
        try:
            user_id = await one_time.subject(reading, parts.links, Purpose.RESET_PASSWORD, token)
        except LinkNotValid:
            return ()
        return _names(await reading.fetch_row(account_queries.ACCOUNT, of_user=user_id))


def _names(account: AccountDocument | None) -> tuple[str | None, ...]:
    return (account["username"], account["email"], account["full_name"]) if account is not None else ()


async def _tell_owner(session: DbSession, account: LockedAccount) -> None:
    await send_notice(session, "password_changed", account["email"], {"username": account["username"]})
