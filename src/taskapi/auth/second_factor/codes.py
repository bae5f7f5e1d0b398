"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for the day it is lost.

One statement checks a code and uses it up, so that of twenty requests with the same code one is right. Recovery codes
have 128 random bits: their plain SHA-256 tells a thief of the database nothing, and one DELETE finds the code and
spends it. Shorter ones would need Argon2, and each guess ten hashes. They need no SECRET_KEY, and stay good when that
is lost.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import pyotp

from taskapi.auth import limits
from taskapi.auth.limits import Counters
from taskapi.auth.second_factor import queries
from taskapi.core.db.session import DbSession
from taskapi.core.parts import Parts
from taskapi.core.secrets.digests import digest
from taskapi.core.secrets.secrets_at_rest import SecretsAtRest

_STEP_SECONDS: Final = 30
_DIGITS: Final = 6
_STEPS_OFF: Final = (0, -1, 1)  # clocks differ, and people type slowly (RFC 6238 §5.2)
_RECOVERY_BYTES: Final = 16
_GROUP: Final = 5


async def is_on(session: DbSession, user_id: UUID) -> bool:
    state = await session.fetch_row(queries.STATE, of_user=user_id)
    return state is not None and state["confirmed_at"] is not None


async def use_code(session: DbSession, sealed_with: SecretsAtRest, user_id: UUID, code: str) -> bool:
    """Whether the code is right; if so, it never is again."""
    plain = code.replace(" ", "").replace("-", "").lower()
    if len(plain) == _DIGITS and plain.isascii() and plain.isdecimal():
        return await _use_step(session, sealed_with, user_id, plain)
    return await session.fetch_value(queries.USE_RECOVERY_CODE, of_user=user_id, of_code=hash_of(plain)) is not None


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
    state = await session.fetch_row(queries.STATE, of_user=user_id)
    secret = sealed_with.open(user_id, state["secret"]) if state is not None else None
    if secret is None:
        return False
    now = int(time.time()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret.decode())
    for step in (now + off for off in _STEPS_OFF):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return await session.fetch_value(queries.USE_STEP, of_user=user_id, step=step) is not None
    return False


async def is_right(
    parts: Parts,
    user_id: UUID,
    code: str,
    counters: Counters,
    on_failure: Callable[[DbSession], Awaitable[None]] | None = None,
) -> bool:
    """Whether a code of the app or a recovery code is good; it is used up by being asked. Wrong ones count."""
    async with limits.counted(parts.database, counters) as attempt, parts.database.autocommit() as session:
        attempt.on_failure = on_failure
        attempt.succeeded = await use_code(session, parts.secrets, user_id, code)
    return attempt.succeeded
