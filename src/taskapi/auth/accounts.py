"""Accounts, as all that changes them needs them: found, locked, and asked for their password once more."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from taskapi.auth import limits, queries
from taskapi.auth.errors import WrongPassword
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Row
from taskapi.core.errors import Invalid
from taskapi.core.fields import canonical_email
from taskapi.core.parts import Parts
from taskapi.core.secrets import passwords
from taskapi.settings import SecuritySettings

log = structlog.stdlib.get_logger("taskapi.auth")


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    address: str | None
    user_agent: str | None


async def find(session: DbSession, login: str) -> Row | None:
    """By username or e-mail address; a disabled one, too."""
    return await session.fetch_row(queries.ACCOUNT_BY_LOGIN, username=login, email=_as_email(login))


async def lock(session: DbSession, user_id: UUID) -> Row | None:
    """The account, for whoever writes to it; None when it is disabled or deleted."""
    row = await session.fetch_row(queries.LOCK_ACCOUNT, user_id=user_id)
    return row if row is not None and row["is_active"] else None


async def confirm_password(parts: Parts, caller: Caller, password: str, device: Device) -> None:
    """Ask somebody who is signed in once more; wrong answers count like failed sign-ins.

    Before the request's own transaction: a hash is not worth holding a connection for.
    """
    async with limits.counted(
        parts.database, limits.of_password(parts.settings.security, str(caller.id), device.address)
    ) as attempt:
        async with parts.database.autocommit() as session:
            stored = await session.fetch_value(queries.PASSWORD_OF, user_id=caller.id)
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
