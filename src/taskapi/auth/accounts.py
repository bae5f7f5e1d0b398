"""Accounts, as all that changes them needs them: found, locked, and asked for their password once more."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from taskapi.auth import limits, queries
from taskapi.auth.errors import WrongPassword
from taskapi.auth.queries import FoundAccount, LockedAccount
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid, InvalidToken, NotFound
from taskapi.core.fields import canonical_email
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, require_match
from taskapi.core.secrets import passwords
from taskapi.settings import SecuritySettings

log = structlog.stdlib.get_logger("taskapi.auth")


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    address: str | None
    user_agent: str | None


async def find(session: DbSession, login: str) -> FoundAccount | None:
    """By username or e-mail address; a disabled one, too."""
    return await session.fetch_row(queries.ACCOUNT_BY_LOGIN, login=login, of_email=_as_email(login))


def counted_as(parts: Parts, account: FoundAccount | None, login: str) -> str:
    """What guesses at an account are counted by: its id, however it was called; for none, a hash of what was typed."""
    if account is not None:
        return str(account["id"])
    return parts.pseudonyms.of("login", _as_email(login) or login.casefold()).hex()


async def lock(session: DbSession, user_id: UUID) -> LockedAccount | None:
    """The account, for whoever writes to it; None when it is disabled or deleted."""
    row = await session.fetch_row(queries.LOCK_ACCOUNT, of_user=user_id)
    return row if row is not None and row["is_active"] else None


async def lock_own(session: DbSession, caller: Caller) -> LockedAccount:
    """The caller's account, for what gives it another way in: InvalidToken where that of the caller has just ended.

    Callers are known for seconds after their session has ended elsewhere. A thief must not use these to stay.
    """
    account = await lock(session, caller.id)
    if account is None:
        raise _ended()
    await _require_standing(session, caller)
    return account


async def require_access(session: DbSession, caller: Caller) -> None:
    """The same for what others are let in by; many may do it at once. Comes before any lock of a project."""
    if await session.fetch_value(queries.HOLD, of_user=caller.id) is None:
        raise _ended()
    await _require_standing(session, caller)


async def _require_standing(session: DbSession, caller: Caller) -> None:
    """Once the account is locked: what has ended by now has ended for good."""
    stands: object = True
    if caller.session_id is not None:
        stands = await session.fetch_value(queries.SESSION_STANDS, of_session=caller.session_id)
    elif caller.token_id is not None:
        stands = await session.fetch_value(queries.API_TOKEN_STANDS, of_token=caller.token_id)
    if stands is None:
        raise _ended()


def _ended() -> InvalidToken:
    return InvalidToken("The session has ended; sign in again")


async def lock_as_administrator(
    session: DbSession, caller: Caller, user_id: UUID, if_match: str | None
) -> LockedAccount:
    """Somebody's account, disabled ones too, for what only administrators may do to it."""
    require_admin(caller, Permission.USER_MANAGE)
    account = await session.fetch_row(queries.LOCK_ACCOUNT, of_user=user_id)
    if account is None:
        raise NotFound("There is no such user")
    require_match(if_match, Document.of(await session.only_row(queries.ACCOUNT, of_user=user_id)))
    return account


async def confirm_password(parts: Parts, caller: Caller, password: str, device: Device) -> None:
    """Require the caller's current password; a wrong one counts like a failed sign-in.

    To be called before the first statement of the request's session: a session holds a connection from there on, and
    nobody else should wait for it while a password is hashed.
    """
    assert caller.session_id is not None
    counters = limits.of_confirmation(parts.settings.security, caller.session_id, device.address)
    async with limits.counted(parts.database, counters) as attempt:
        async with parts.database.autocommit() as session:
            stored = await session.fetch_value(queries.PASSWORD_OF, of_user=caller.id)
        attempt.succeeded, _ = await parts.passwords.verify(password, stored)
    if not attempt.succeeded:
        log.warning("auth.password.wrong", user_id=str(caller.id), client=device.address)
        raise WrongPassword("Give your current password; if you have forgotten it, ask for a link to reset it")


def require_strength(settings: SecuritySettings, pointer: str, password: str, *about: str | None) -> None:
    """`about` are words that an attacker would try first: the user's own name and address."""
    if reason := passwords.weakness(password, min_length=settings.password_min_length, about=about):
        raise Invalid("The password is not good enough", (pointer, "weak_password", reason))


def _as_email(login: str) -> str | None:
    try:
        return canonical_email(login)
    except ValueError:
        return None
