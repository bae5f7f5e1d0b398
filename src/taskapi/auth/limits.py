"""How often somebody may guess: counted in PostgreSQL, so that it holds over all processes and survives them.

A try is reserved before its password is hashed and settled after it: fifty at once count as fifty. Only failures stay
counted, and people who sign in at the same time wait for each other instead of being turned away.

Each limit counts in a name space of its own, by what nobody can choose: the id of an account, a session or a link, an
address. What names no account counts by a keyed hash of what was typed, for people type passwords there, too.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

from taskapi.auth import queries
from taskapi.auth.errors import TooManySignIns
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Overloaded
from taskapi.core.http import quotas
from taskapi.core.http.addresses import network_of
from taskapi.settings import RateLimit, SecuritySettings

_PATIENCE_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    """The name space that its counters stand in."""
    failures: int
    window: timedelta
    in_a_row: bool
    """Whether a success forgives the failures before it."""


@dataclass(slots=True)
class Try:
    """A failure until somebody sets `succeeded`: a try that is cut off counts as one, too."""

    succeeded: bool = False
    was_judged: bool = True
    """Else it was neither, as where no place for a hash came free: who floods the sign-in shall lock nobody out."""
    on_failure: Callable[[DbSession], Awaitable[None]] | None = None
    """What is written in the transaction that counts the failure."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """There is no room for another try."""

    limit: Limit
    key: str
    """What is counted: of some limits the id of an account."""
    seconds: int
    """Until there may be, at least one."""
    may_pass: bool
    """Whether tries under way take the room, so that some of it is free again as soon as one of them succeeds."""


_QUARTER: Final = timedelta(minutes=15)
PER_ACCOUNT: Final = Limit("sign-in", 100, _QUARTER, in_a_row=True)
# Of one session and not of its account: a thief who has a session keeps nobody from changing the password.
PER_SESSION: Final = Limit("confirm", 100, _QUARTER, in_a_row=True)
# Beside PER_ACCOUNT, for whoever is where its owner was before: strangers elsewhere cannot use these tries up.
PER_KNOWN_PLACE: Final = Limit("known-place", 10, _QUARTER, in_a_row=True)
PER_SHARE_LINK: Final = Limit("share", 100, _QUARTER, in_a_row=True)
# Three of a million codes are right at any time: five tries in a quarter of an hour leave a thief one chance in seven
# hundred a day. Only somebody who knows the password gets here, or has a session.
PER_CODE: Final = Limit("code", 5, _QUARTER, in_a_row=True)
PER_CODE_AT_KNOWN_PLACE: Final = Limit("known-place-code", 5, _QUARTER, in_a_row=True)
PER_CODE_OF_SESSION: Final = Limit("confirm-code", 5, _QUARTER, in_a_row=True)

_BY_ACCOUNT: Final = (PER_ACCOUNT, PER_CODE)

Counters: TypeAlias = dict[str, Limit]
"""By bucket; always in the same order, so that two tries never wait for each other in a circle."""


def of_sign_in(settings: SecuritySettings, who: str, address: str | None, place: bytes | None) -> list[Counters]:
    """`place` where the account knows it: tries that nobody elsewhere uses up.

    The limit of the address holds there, too: else anybody behind an address could fill its bucket with ten guesses,
    and then tell by who still gets a 401 which accounts there are.
    """
    of_address = _of_address(settings, address)
    return [
        _counters(settings, (PER_ACCOUNT, who), of_address),
        *([] if place is None else [_counters(settings, (PER_KNOWN_PLACE, place.hex()), of_address)]),
    ]


def of_confirmation(settings: SecuritySettings, session_id: UUID, address: str | None) -> Counters:
    return _counters(settings, (PER_SESSION, session_id), _of_address(settings, address))


def of_share_link(settings: SecuritySettings, link_id: UUID, address: str | None) -> Counters:
    return _counters(settings, (PER_SHARE_LINK, link_id), _of_address(settings, address))


def of_registration(settings: SecuritySettings, address: str | None) -> Counters:
    """Who asks which names are taken guesses, too."""
    return _counters(settings, _of_address(settings, address))


def of_code(settings: SecuritySettings, user_id: UUID, place: bytes | None) -> Counters:
    """Apart where the account knows the place: who has the password, too, keeps its owner out only elsewhere."""
    if place is not None:
        return _counters(settings, (PER_CODE_AT_KNOWN_PLACE, place.hex()))
    return _counters(settings, (PER_CODE, user_id))


def of_confirming_code(settings: SecuritySettings, session_id: UUID) -> Counters:
    return _counters(settings, (PER_CODE_OF_SESSION, session_id))


def _of_address(settings: SecuritySettings, address: str | None) -> tuple[Limit, str]:
    limit = Limit("address", settings.rate_limit_failures_per_minute, timedelta(minutes=1), in_a_row=False)
    return limit, network_of(address)


def _counters(settings: SecuritySettings, *counted: tuple[Limit, object]) -> Counters:
    if settings.rate_limit is RateLimit.OFF:
        return {}
    return {f"{limit.name}:{key}": limit for limit, key in counted}


@asynccontextmanager
async def counted(database: Database, *choices: Counters) -> AsyncIterator[Try]:
    """One try: say inside that it succeeded. Raises TooManySignIns before it, when there were too many failures.

    Of several choices the first counts that has room.
    """
    counters = await reserve(database, *choices)
    attempt = Try()
    try:
        yield attempt
    except Overloaded:
        attempt.was_judged = False
        raise
    finally:
        await _record_outcome(database, counters, attempt)


async def counted_until_end(session: DbSession, database: Database, counters: Counters) -> Try:
    """One try of a session that has no connection yet: a success until somebody says otherwise.

    It is settled once the session has ended, for a session that waits for a second connection can starve the pool.
    """
    await reserve(database, counters)
    attempt = Try(succeeded=True)

    async def settle(own: DbSession) -> None:
        await _settle(own, counters, attempt)

    session.after_end["try"] = settle
    return attempt


async def reserve(database: Database, *choices: Counters) -> Counters:
    """Count a try that is about to be made. Raises TooManySignIns when there were too many failures."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while True:
        refusals = []
        for counters in choices:
            refusal = await _try_to_reserve(database, counters)
            if refusal is None:
                return counters
            refusals.append(refusal)
        if asyncio.get_running_loop().time() > deadline or not any(refusal.may_pass for refusal in refusals):
            raise _too_many(min(refusals, key=lambda refusal: refusal.seconds))
        await asyncio.sleep(_POLL_SECONDS)


def _too_many(refusal: _Refusal) -> TooManySignIns:
    limit, seconds = refusal.limit, refusal.seconds
    window = int(limit.window.total_seconds())
    headers = quotas.of_refusal(limit.name, limit.failures, window=window, seconds_left=seconds)
    error = TooManySignIns(f"Try again in {seconds} seconds", headers=headers)
    error.told_with["limit"] = limit.name
    if limit in _BY_ACCOUNT:
        with suppress(ValueError):  # a hash of a name that nobody has
            error.told_of = UUID(refusal.key)
    return error


async def _record_outcome(database: Database, counters: Counters, attempt: Try) -> None:
    async with unit_of_work(database) as session:
        await _settle(session, counters, attempt)
        if attempt.was_judged and not attempt.succeeded and attempt.on_failure is not None:
            await attempt.on_failure(session)


async def _settle(session: DbSession, counters: Counters, attempt: Try) -> None:
    """Write down how the try ended: a failure stays counted, a success clears those that count in a row."""
    failed = attempt.was_judged and not attempt.succeeded
    for bucket, limit in counters.items():
        forgive = attempt.was_judged and attempt.succeeded and limit.in_a_row
        await session.run(queries.SETTLE_TRY, of_bucket=bucket, failed=int(failed), forgive=forgive)


async def sweep(session: DbSession) -> None:
    await session.run(queries.FORGET_FAILURES, before=utc_now() - _QUARTER)


async def _try_to_reserve(database: Database, counters: Counters) -> _Refusal | None:
    """In all counters or in none: a refusal by one leaves the others as they were."""
    now = utc_now()
    async with database.writer() as session:
        for bucket, limit in counters.items():
            reserved = await session.fetch_value(
                queries.RESERVE_TRY,
                of_bucket=bucket,
                now=now,
                window_start=now - limit.window,
                limit=limit.failures,
            )
            if reserved is None:
                key = bucket.partition(":")[2]
                found = await session.fetch_row(queries.FAILURES, of_bucket=bucket)
                if found is None or found["failures"] < limit.failures:
                    return _Refusal(limit, key, seconds=1, may_pass=True)
                left = found["started_at"] + limit.window - now
                return _Refusal(limit, key, seconds=max(1, math.ceil(left.total_seconds())), may_pass=False)
        await session.commit()
    return None
