"""Signing in: a password or a provider's word, the second factor, and a session at the end."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from taskapi.auth import accounts, limits, places, queries
from taskapi.auth.accounts import Device
from taskapi.auth.queries import FoundAccount
from taskapi.auth.second_factor import codes
from taskapi.auth.sessions import service as sessions
from taskapi.auth.sessions.service import Pair
from taskapi.auth.sign_in import events
from taskapi.auth.sign_in.errors import InvalidCredentials, InvalidTotpCode, TotpRequired
from taskapi.auth.sign_in.schemas import Validation
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish_seldom
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.parts import Parts

log = structlog.stdlib.get_logger("taskapi.auth")

_NOBODY: Final = UUID(int=0)
# Anybody may fail as often as they like, and the change log is kept for ever.
_SELDOM: Final = timedelta(minutes=15)


async def sign_in(parts: Parts, login: str, password: str, device: Device, totp_code: str | None = None) -> Pair:
    """Check a password and start a session. Every failure is the same InvalidCredentials, after the same time."""
    account = await _check_password(parts, login, password, device)
    return await admit(parts, account["id"], account["updated_at"], device, totp_code)


async def admit(parts: Parts, user_id: UUID, seen: datetime, device: Device, totp_code: str | None = None) -> Pair:
    """Ask for the second factor where it is on, and start a session. Every way to sign in ends here.

    To be called after a right password, or an identity provider's word, for an active account; `seen` is when it had
    last changed by then.
    """
    async with parts.database.autocommit() as session:
        needs_code = await codes.is_on(session, user_id)
        place = await places.known(parts, session, user_id, device.address) if needs_code else None
    if needs_code and totp_code is None:
        raise TotpRequired("Send the code that your authenticator app shows, or a recovery code, as totp_code")
    counters = limits.of_code(parts.settings.security, user_id, place)
    tell = partial(_tell_failure, user_id, device, "code")
    if needs_code and totp_code is not None and not await codes.is_right(parts, user_id, totp_code, counters, tell):
        log.warning("auth.totp.failed", user_id=str(user_id), client=device.address)
        raise InvalidTotpCode("Wait for the next code of your authenticator app, or use a recovery code")
    pair = await sessions.start(parts, user_id, seen, device)
    log.info("auth.login.ok", user_id=str(user_id), client=device.address)
    return pair


async def validation(session: DbSession, caller: Caller) -> Validation:
    """What the caller's token says, for whoever was shown it."""
    account = await session.only_row(queries.ACCOUNT, of_user=caller.id)
    return Validation(
        user_id=caller.id,
        username=account["username"],
        role=caller.role,
        scopes=["*"] if caller.scopes is None else sorted(caller.scopes),
        session_id=caller.session_id,
        token_id=caller.token_id,
        expires_at=datetime.fromtimestamp(caller.expires_at, UTC),
    )


async def validation_of_administrator(session: DbSession, caller: Caller) -> Validation:
    require_admin(caller, Permission.USER_MANAGE)
    return await validation(session, caller)


async def _tell_failure(user_id: UUID | None, device: Device, wrong: str, session: DbSession) -> None:
    """What nobody has an account for is told by the service's own log alone: people type passwords there."""
    fact = events.sign_in_failed(user_id or _NOBODY, wrong, device)
    await publish_seldom(session, fact, utc_now() - _SELDOM, is_told=user_id is not None)


async def _check_password(parts: Parts, login: str, password: str, device: Device) -> FoundAccount:
    async with parts.database.autocommit() as session:
        account = await accounts.find(session, login)
        place = await places.known(parts, session, account["id"] if account else None, device.address)
    who = accounts.counted_as(parts, account, login)
    choices = limits.of_sign_in(parts.settings.security, who, device.address, place)
    async with limits.counted(parts.database, *choices) as attempt:
        attempt.on_failure = partial(_tell_failure, account["id"] if account else None, device, "password")
        right, new_hash = await parts.passwords.verify(password, account["password_hash"] if account else None)
        attempt.succeeded = account is not None and right and account["is_active"]
    if account is None or not attempt.succeeded:
        log.warning("auth.login.failed", user_id=str(account["id"]) if account else "unknown", client=device.address)
        raise InvalidCredentials("Check the username (or e-mail address) and the password")
    if new_hash is not None:
        async with parts.database.autocommit() as session:
            await session.run(queries.SET_PASSWORD_HASH, of_user=account["id"], password_hash=new_hash)
    return account
