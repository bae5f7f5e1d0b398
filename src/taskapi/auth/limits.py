"""How often somebody may guess: counted in PostgreSQL, so that it holds over all processes and survives them.

A try is reserved before its password is hashed and settled after; fifty at once count as fifty. Only failures
stay counted, and honest people who sign in side by side wait for each other rather than being turned away.
Nobody is locked out by a stranger for longer than the window of the account.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.auth.errors import TooManySignIns
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.core.http.addresses import network_of
from taskapi.models import SignInLimit
from taskapi.settings import RateLimit, SecuritySettings

_PATIENCE_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Limit:
    failures: int
    window: timedelta
    in_a_row: bool
    """Whether a success forgives the failures before it."""


@dataclass(slots=True)
class Try:
    """Failed, unless somebody says otherwise: so does one that is cut off."""

    succeeded: bool = False


PER_ACCOUNT: Final = Limit(100, timedelta(minutes=15), in_a_row=True)
PER_ADDRESS: Final = Limit(10, timedelta(minutes=1), in_a_row=False)
# Three of a million codes are right at any time. Who gets here knows the password, so no stranger can lock
# anybody out, and five in a quarter of an hour leave a thief one chance in seven hundred a day.
PER_CODE: Final = Limit(5, timedelta(minutes=15), in_a_row=True)
_LONGEST_WINDOW: Final = max(limit.window for limit in (PER_ACCOUNT, PER_ADDRESS, PER_CODE))

_is_over = SignInLimit.started_at <= bindparam("window_start")
_RESERVE = prepare(
    insert(SignInLimit)
    .values(bucket=bindparam("in_bucket"), started_at=bindparam("now"), pending=1)
    .on_conflict_do_update(
        index_elements=[SignInLimit.bucket],
        set_={
            "failures": case((_is_over, 0), else_=SignInLimit.failures),
            "pending": case((_is_over, 1), else_=SignInLimit.pending + 1),
            "started_at": case((_is_over, bindparam("now")), else_=SignInLimit.started_at),
        },
        where=or_(_is_over, SignInLimit.failures + SignInLimit.pending < bindparam("limit")),
    )
    .returning(literal(1))
)
_STATE = prepare(
    select(SignInLimit.failures, SignInLimit.started_at).where(SignInLimit.bucket == bindparam("in_bucket"))
)
_SETTLE = prepare(
    update(SignInLimit)
    .where(SignInLimit.bucket == bindparam("in_bucket"))
    .values(
        pending=func.greatest(SignInLimit.pending - 1, 0),
        failures=case((bindparam("forgive", type_=Boolean), 0), else_=SignInLimit.failures + bindparam("failed")),
    )
)
_SWEEP = prepare(delete(SignInLimit).where(SignInLimit.started_at < bindparam("before")))


def of_password(settings: SecuritySettings, login: str, address: str | None) -> dict[str, Limit]:
    """The counters of one try, always in the same order, so that two tries never wait for each other in a circle."""
    if settings.rate_limit is RateLimit.OFF:
        return {}
    return {f"account:{login.casefold()}": PER_ACCOUNT, f"address:{network_of(address)}": PER_ADDRESS}


def of_code(settings: SecuritySettings, user_id: UUID) -> dict[str, Limit]:
    return {} if settings.rate_limit is RateLimit.OFF else {f"code:{user_id}": PER_CODE}


@asynccontextmanager
async def counted(database: Database, counters: dict[str, Limit]) -> AsyncIterator[Try]:
    """One try: say inside that it succeeded. Raises TooManySignIns before it, when there were too many failures."""
    await reserve(database, counters)
    attempt = Try()
    try:
        yield attempt
    finally:
        await settle(database, counters, failed=not attempt.succeeded)


async def reserve(database: Database, counters: dict[str, Limit]) -> None:
    """Count a try that is about to be made. Raises TooManySignIns when there were too many failures."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while (refusal := await _try_to_reserve(database, counters)) is not None:
        if refusal > 0 or asyncio.get_running_loop().time() > deadline:
            seconds = max(1, math.ceil(refusal))
            raise TooManySignIns(f"Try again in {seconds} seconds", headers={"Retry-After": str(seconds)})
        await asyncio.sleep(_POLL_SECONDS)


async def settle(database: Database, counters: dict[str, Limit], *, failed: bool) -> None:
    """Say how the try ended: a failure stays counted, a success clears those that count in a row."""
    async with unit_of_work(database) as session:
        for bucket, limit in counters.items():
            forgive = not failed and limit.in_a_row
            await session.fetch_row(_SETTLE, in_bucket=bucket, failed=int(failed), forgive=forgive)


async def sweep(session: DbSession) -> None:
    await session.fetch_rows(_SWEEP, before=utc_now() - _LONGEST_WINDOW)


async def _try_to_reserve(database: Database, counters: dict[str, Limit]) -> float | None:
    """None when reserved; else the seconds until the window ends, or 0 when only tries under way are in front."""
    now = utc_now()
    async with database.writer() as session:
        for bucket, limit in counters.items():
            reserved = await session.fetch_row(
                _RESERVE, in_bucket=bucket, now=now, window_start=now - limit.window, limit=limit.failures
            )
            if reserved is None:
                row = await session.fetch_row(_STATE, in_bucket=bucket)
                return 0 if row is None else _seconds_left(row["failures"], row["started_at"], limit, now)
        await session.commit()
    return None


def _seconds_left(failures: int, started_at: datetime, limit: Limit, now: datetime) -> float:
    return (started_at + limit.window - now).total_seconds() if failures >= limit.failures else 0
