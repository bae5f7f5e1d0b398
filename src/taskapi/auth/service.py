"""Signing in, staying signed in, signing out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from taskapi.auth import events, queries, second_factor, sign_in_limits
from taskapi.auth.errors import InvalidCredentials, InvalidTotpCode, TokenReused, TotpRequired, WrongPassword
from taskapi.core import passwords as password_rules
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db import Database, DbSession, Row, unit_of_work
from taskapi.core.errors import Invalid, InvalidToken
from taskapi.core.events import publish
from taskapi.core.fields import canonical_email
from taskapi.core.ids import new_id
from taskapi.core.one_time import OneTimeTokens
from taskapi.core.passwords import Passwords
from taskapi.core.secrets_at_rest import SecretsAtRest
from taskapi.core.tokens import Tokens
from taskapi.models import SystemRole
from taskapi.settings import RateLimit, SecuritySettings

log = structlog.stdlib.get_logger("taskapi.auth")

_GRACE = timedelta(seconds=10)
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignIns:
    """What signing in needs, made once a process."""

    database: Database
    tokens: Tokens
    passwords: Passwords
    settings: SecuritySettings

    @property
    def secrets(self) -> SecretsAtRest:
        return SecretsAtRest(self.settings.secret_key.get_secret_value())

    @property
    def links(self) -> OneTimeTokens:
        return OneTimeTokens(self.settings.secret_key.get_secret_value())


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    access_token: str
    refresh_token: str
    expires_in: int
    user: str
    """The account as JSON text."""


async def sign_in(sign_ins: SignIns, login: str, password: str, device: Device, totp_code: str | None = None) -> Pair:
    """Check a password and start a session. Every failure is the same InvalidCredentials, after the same time."""
    user_id = await _check_password(sign_ins, login, password, device)
    return await admit(sign_ins, user_id, device, totp_code)


async def admit(sign_ins: SignIns, user_id: UUID, device: Device, totp_code: str | None = None) -> Pair:
    """The one door behind every proof of who somebody is: the second factor is asked for here, and nowhere else.

    The caller has seen a right password, or an identity provider's word, for an active account.
    """
    async with sign_ins.database.single_statements() as session:
        needs_code = await second_factor.is_on(session, user_id)
    if needs_code and totp_code is None:
        raise TotpRequired("Send the code that your authenticator app shows, or a recovery code, as totp_code")
    if needs_code and totp_code is not None and not await code_is_right(sign_ins, user_id, totp_code):
        log.warning("auth.totp.failed", user_id=str(user_id), client=device.address)
        raise InvalidTotpCode("Wait for the next code of your authenticator app, or use a recovery code")
    now = utc_now()
    session_id = new_id()
    async with unit_of_work(sign_ins.database) as session:
        await session.fetch_row(
            queries.START_SESSION,
            id=session_id,
            user_id=user_id,
            rotated_at=now,
            created_at=now,
            expires_at=now + timedelta(days=sign_ins.settings.session_days),
            user_agent=device.user_agent,
            address=device.address,
        )
        caller = Caller(user_id, SystemRole.USER, session_id)
        await publish(session, caller, events.session_started(session_id, device.user_agent, device.address))
        pair = await _pair(session, sign_ins.tokens, user_id, session_id, generation=1)
    log.info("auth.login.ok", user_id=str(user_id), client=device.address)
    return pair


async def refresh(sign_ins: SignIns, presented: str) -> Pair:
    """Exchange a refresh token for a new pair; a token that comes again, later, ends its whole session."""
    claims = sign_ins.tokens.read_refresh(presented)
    now = utc_now()
    idle_since = now - timedelta(days=sign_ins.settings.refresh_token_idle_days)
    async with unit_of_work(sign_ins.database) as session:
        user_id = await session.fetch_value(
            queries.ROTATE, session_id=claims.session_id, presented=claims.generation, now=now, idle_since=idle_since
        )
        row = None
        if user_id is None:
            row = await session.fetch_row(queries.SESSION_STATE, session_id=claims.session_id, now=now)
            if row is None or row["generation"] <= claims.generation:
                raise InvalidToken("The session has ended; sign in again")
            # The answer to the first use may have been lost on its way: for a moment the same one is given again.
            if row["generation"] == claims.generation + 1 and row["rotated_at"] > now - _GRACE:
                user_id = row["user_id"]
        if user_id is not None:
            return await _pair(session, sign_ins.tokens, user_id, claims.session_id, claims.generation + 1)
        assert row is not None
        await _end_session(session, row["user_id"], claims.session_id, "refresh token reused")
    log.warning("auth.refresh.reused", session_id=str(claims.session_id))
    raise TokenReused("This session has been ended for safety; sign in again")


async def end_session(session: DbSession, caller: Caller, session_id: UUID) -> bool:
    """Whether there was such a session of the caller's to end."""
    return await _end_session(session, caller.id, session_id, "signed out", caller)


async def end_all_sessions(session: DbSession, caller: Caller | None, user_id: UUID, reason: str) -> None:
    rows = await session.fetch_rows(queries.END_ALL_SESSIONS, of_user=user_id, now=utc_now())
    await publish(session, caller, *(events.session_ended(row["id"], reason) for row in rows))


async def end_other_sessions(session: DbSession, caller: Caller, reason: str) -> None:
    """All the caller's sessions but the one that asks."""
    rows = await session.fetch_rows(
        queries.END_OTHER_SESSIONS, of_user=caller.id, kept_session=caller.session_id, now=utc_now()
    )
    await publish(session, caller, *(events.session_ended(row["id"], reason) for row in rows))


async def end_all_access(session: DbSession, caller: Caller | None, user_id: UUID, reason: str) -> None:
    """Sessions and API tokens: whatever somebody else may have got hold of opens nothing any more."""
    await end_all_sessions(session, caller, user_id, reason)
    await _end_api_tokens(session, caller, user_id, reason)


async def end_other_access(session: DbSession, caller: Caller, reason: str) -> None:
    """The same, but for the session that asks."""
    await end_other_sessions(session, caller, reason)
    await _end_api_tokens(session, caller, caller.id, reason)


async def forget_sessions(session: DbSession) -> None:
    """A session that ended a month ago helps nobody who asks where they were signed in."""
    await session.fetch_rows(queries.FORGET_SESSIONS, before=utc_now() - _REMEMBERED)


async def validation(session: DbSession, caller: Caller) -> dict[str, Any]:
    row = await session.fetch_row(queries.USER_BY_ID, user_id=caller.id)
    assert row is not None
    return {
        "user_id": caller.id,
        "username": row["username"],
        "role": caller.role,
        "scopes": ["*"] if caller.scopes is None else sorted(caller.scopes),
        "session_id": caller.session_id,
        "token_id": caller.token_id,
        "expires_at": datetime.fromtimestamp(caller.expires_at, UTC),
    }


async def _end_api_tokens(session: DbSession, caller: Caller | None, user_id: UUID, reason: str) -> None:
    rows = await session.fetch_rows(queries.END_ALL_API_TOKENS, of_user=user_id, now=utc_now())
    await publish(session, caller, *(events.api_token_revoked(row["id"], row["name"], reason) for row in rows))


async def _end_session(
    session: DbSession, user_id: UUID, session_id: UUID, reason: str, caller: Caller | None = None
) -> bool:
    ended = await session.fetch_value(queries.END_SESSION, session_id=session_id, of_user=user_id, now=utc_now())
    if ended is not None:
        await publish(session, caller, events.session_ended(session_id, reason))
    return ended is not None


async def confirm_password(sign_ins: SignIns, caller: Caller, password: str, device: Device) -> None:
    """Ask somebody who is signed in once more; wrong answers count like failed sign-ins.

    Before the request's own transaction: a hash is not worth holding a connection for.
    """
    async with sign_in_limits.counted(sign_ins.database, _counters(sign_ins, str(caller.id), device)) as attempt:
        async with sign_ins.database.single_statements() as session:
            stored = await session.fetch_value(queries.PASSWORD_OF, user_id=caller.id)
        attempt.succeeded, _ = await sign_ins.passwords.verify(password, stored)
    if not attempt.succeeded:
        log.warning("auth.password.wrong", user_id=str(caller.id), client=device.address)
        raise WrongPassword("Give your current password; if you have forgotten it, ask for a link to reset it")


async def find_account(session: DbSession, login: str) -> Row | None:
    """By username or e-mail address; a disabled one, too."""
    return await session.fetch_row(queries.ACCOUNT_BY_LOGIN, username=login, email=_as_email(login))


async def lock_account(session: DbSession, user_id: UUID) -> Row | None:
    """The account, for whoever writes to it; None when it is disabled or deleted."""
    row = await session.fetch_row(queries.LOCK_ACCOUNT, user_id=user_id)
    return row if row is not None and row["is_active"] else None


async def code_is_right(sign_ins: SignIns, user_id: UUID, code: str) -> bool:
    """Whether a code of the app or a recovery code is good; it is used up by being asked. Wrong ones count."""
    counters = sign_in_limits.code_buckets(user_id) if _limits(sign_ins) else {}
    database = sign_ins.database
    async with sign_in_limits.counted(database, counters) as attempt, database.single_statements() as session:
        attempt.succeeded = await second_factor.use_code(session, sign_ins.secrets, user_id, code)
    return attempt.succeeded


async def _check_password(sign_ins: SignIns, login: str, password: str, device: Device) -> UUID:
    async with sign_in_limits.counted(sign_ins.database, _counters(sign_ins, login, device)) as attempt:
        async with sign_ins.database.single_statements() as session:
            account = await find_account(session, login)
        right, new_hash = await sign_ins.passwords.verify(password, account["password_hash"] if account else None)
        attempt.succeeded = account is not None and right and account["is_active"]
    if account is None or not attempt.succeeded:
        log.warning("auth.login.failed", user_id=str(account["id"]) if account else "unknown", client=device.address)
        raise InvalidCredentials("Check the username (or e-mail address) and the password")
    if new_hash is not None:
        async with sign_ins.database.single_statements() as session:
            await session.fetch_row(queries.SET_PASSWORD_HASH, of_user=account["id"], password_hash=new_hash)
    found: UUID = account["id"]
    return found


def _counters(sign_ins: SignIns, login: str, device: Device) -> dict[str, sign_in_limits.Limit]:
    return sign_in_limits.buckets(login, device.address) if _limits(sign_ins) else {}


def _limits(sign_ins: SignIns) -> bool:
    return sign_ins.settings.rate_limit is RateLimit.ON


async def _pair(session: DbSession, tokens: Tokens, user_id: UUID, session_id: UUID, generation: int) -> Pair:
    row = await session.fetch_row(queries.USER_BY_ID, user_id=user_id)
    assert row is not None
    return Pair(
        access_token=tokens.issue_access(user_id, session_id),
        refresh_token=tokens.refresh_token(session_id, generation),
        expires_in=tokens.access_seconds,
        user=row["body"],
    )


def _as_email(login: str) -> str | None:
    try:
        return canonical_email(login)
    except ValueError:
        return None


def require_strength(settings: SecuritySettings, pointer: str, password: str, *about: str | None) -> None:
    """`about` are words that an attacker would try first: the user's own name and address."""
    if reason := password_rules.weakness(password, min_length=settings.password_min_length, about=about):
        raise Invalid("The password is not good enough", (pointer, "weak_password", reason))
