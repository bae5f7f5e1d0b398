"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for the day it is lost.

A code is used up by one atomic statement, so that of twenty at the same time one is right. Recovery codes have
128 random bits: a plain SHA-256 of these tells a thief of the database nothing, and one DELETE finds and spends
the code. Short ones would need Argon2, ten times for each guess. They stay good when SECRET_KEY is lost.
"""

import base64
import hmac
import secrets
import time
from typing import Final
from uuid import UUID

import pyotp
from sqlalchemy import BigInteger, bindparam, delete, literal, or_, select, update

from taskapi.auth import limits
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.core.parts import Parts
from taskapi.core.secrets.digests import digest
from taskapi.core.secrets.secrets_at_rest import SecretsAtRest
from taskapi.models import RecoveryCode, SecondFactor

_STEP_SECONDS: Final = 30
_DIGITS: Final = 6
_STEPS_OFF: Final = (0, -1, 1)  # clocks differ, and people type slowly (RFC 6238 §5.2)
_RECOVERY_BYTES: Final = 16
_GROUP: Final = 5

_SECRET = prepare(
    select(SecondFactor.secret, SecondFactor.confirmed_at).where(SecondFactor.user_id == bindparam("user_id"))
)
_USE_STEP = prepare(
    update(SecondFactor)
    .where(
        SecondFactor.user_id == bindparam("of_user"),
        or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < bindparam("step", type_=BigInteger)),
    )
    .values(last_step=bindparam("step", type_=BigInteger))
    .returning(literal(1))
)
_USE_RECOVERY_CODE = prepare(
    delete(RecoveryCode)
    .where(RecoveryCode.user_id == bindparam("of_user"), RecoveryCode.code_hash == bindparam("code_hash"))
    .returning(literal(1))
)


async def is_on(session: DbSession, user_id: UUID) -> bool:
    row = await session.fetch_row(_SECRET, user_id=user_id)
    return row is not None and row["confirmed_at"] is not None


async def use_code(session: DbSession, sealed_with: SecretsAtRest, user_id: UUID, code: str) -> bool:
    """Whether the code is right; if so, it never is again."""
    plain = code.replace(" ", "").replace("-", "").lower()
    if len(plain) == _DIGITS and plain.isascii() and plain.isdecimal():
        return await _use_step(session, sealed_with, user_id, plain)
    return await session.fetch_row(_USE_RECOVERY_CODE, of_user=user_id, code_hash=hash_of(plain)) is not None


def new_secret() -> str:
    """160 random bits (RFC 4226 §4), in the base32 that apps read."""
    return pyotp.random_base32()


def new_recovery_code() -> str:
    """`xxxxx-xxxxx-xxxxx-xxxxx-xxxxxx`; blanks, hyphens and capitals make no difference when it is typed."""
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().rstrip("=").lower()
    groups = [text[i : i + _GROUP] for i in range(0, len(text) - 1, _GROUP)]
    return "-".join(groups) + text[len(text) - 1 :]


def hash_of(recovery_code: str) -> bytes:
    return digest(recovery_code.replace("-", ""))


async def _use_step(session: DbSession, sealed_with: SecretsAtRest, user_id: UUID, code: str) -> bool:
    row = await session.fetch_row(_SECRET, user_id=user_id)
    secret = sealed_with.open(user_id, row["secret"]) if row is not None else None
    if secret is None:
        return False
    now = int(time.time()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret.decode())
    for step in (now + off for off in _STEPS_OFF):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return await session.fetch_row(_USE_STEP, of_user=user_id, step=step) is not None
    return False


async def is_right(parts: Parts, user_id: UUID, code: str) -> bool:
    """Whether a code of the app or a recovery code is good; it is used up by being asked. Wrong ones count."""
    counters = limits.of_code(parts.settings.security, user_id)
    async with limits.counted(parts.database, counters) as attempt, parts.database.autocommit() as session:
        attempt.succeeded = await use_code(session, parts.secrets, user_id, code)
    return attempt.succeeded
