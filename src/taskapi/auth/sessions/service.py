"""Sessions: listed, started, refreshed, ended; all that writes them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pydantic_core
import structlog

from taskapi.auth import places
from taskapi.auth import queries as accounts
from taskapi.auth.accounts import Device
from taskapi.auth.sessions import events, queries
from taskapi.auth.sessions.errors import TokenReused
from taskapi.auth.sessions.queries import LiveSession
from taskapi.core.access.known_callers import RightsChanged
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.errors import InvalidToken, NotFound, TransactionConflict
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, require_match
from taskapi.core.secrets.tokens import Tokens
from taskapi.models import SystemRole

log = structlog.stdlib.get_logger("taskapi.auth")

_GRACE: Final = timedelta(seconds=10)
_MOST: Final = 50
_REMEMBERED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pair:
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds the access token is good for."""
    user: str
    """The account as JSON text."""
    ends_at: datetime
    """When the session ends, however often it is refreshed."""


async def list_sessions(session: DbSession, caller: Caller, params: PageParams) -> Slice:
    return await paging.fetch_in_order(
        session, params, queries.page, queries.COUNT, of_user=caller.id, now=utc_now(), current_id=caller.session_id
    )


async def get_session(session: DbSession, caller: Caller, session_id: UUID) -> Document:
    body = await session.fetch_value(queries.ONE, **_mine(caller, session_id))
    return _document(body)


async def start(parts: Parts, user_id: UUID, seen: datetime, device: Device) -> Pair:
    """A new session for whoever has proven who they are.

    `seen` is when the account had last changed as the proof was looked at. A password that is reset meanwhile proves
    nothing: TransactionConflict, upon which the route proves everything again.
    """
    session_id, now = new_id(), utc_now()
    ends_at = now + timedelta(days=parts.settings.security.session_days)
    async with unit_of_work(parts.database) as session:
        # Whoever else signs in to the account waits here, and counts what is stored below.
        await session.run(accounts.LOCK_ACCOUNT, of_user=user_id)
        if await session.fetch_value(accounts.HOLD_UNCHANGED, of_user=user_id, seen=seen) is None:
            raise TransactionConflict("The account has just changed; sign in again")
        await _make_room(session, user_id)
        await places.remember(parts, session, user_id, device.address)
        started = await session.only_value(
            queries.START_SESSION,
            id=session_id,
            user_id=user_id,
            rotated_at=now,
            created_at=now,
            expires_at=ends_at,
            user_agent=device.user_agent,
            address=device.address,
        )
        caller = Caller(user_id, SystemRole.USER, session_id)
        await publish(session, caller, events.session_started(session_id, pydantic_core.from_json(started)))
        return await _pair(session, parts.tokens, LiveSession(user_id=user_id, expires_at=ends_at), session_id, 1)


async def refresh(parts: Parts, presented: str) -> Pair:
    """Exchange a refresh token for a new pair; a token that comes again, later, ends its whole session."""
    claims = parts.tokens.read_refresh(presented)
    now = utc_now()
    idle_since = now - timedelta(days=parts.settings.security.refresh_token_idle_days)
    async with unit_of_work(parts.database) as session:
        live: LiveSession | None = await session.fetch_row(
            queries.ROTATE, of_session=claims.session_id, presented=claims.generation, now=now, idle_since=idle_since
        )
        row = None
        if live is None:
            row = await session.fetch_row(queries.SESSION_STATE, of_session=claims.session_id, now=now)
            if row is None or row["generation"] <= claims.generation:
                raise InvalidToken("The session has ended; sign in again")
            # The answer to the first use may have been lost on its way, so for a moment it is given again.
            if row["generation"] == claims.generation + 1 and row["rotated_at"] > now - _GRACE:
                live = row
        if live is not None:
            return await _pair(session, parts.tokens, live, claims.session_id, claims.generation + 1)
        assert row is not None
        await _end(session, None, row["user_id"], claims.session_id, "refresh token reused")
    log.warning("auth.refresh.reused", session_id=str(claims.session_id))
    raise TokenReused("This session has been ended for safety; sign in again")


async def end_session(session: DbSession, caller: Caller, session_id: UUID, if_match: str | None) -> None:
    body = await session.fetch_value(queries.ONE_LOCKED, **_mine(caller, session_id))
    require_match(if_match, _document(body))
    await _end(session, caller, caller.id, session_id, "signed out")


async def end_own_session(session: DbSession, caller: Caller) -> None:
    assert caller.session_id is not None
    await _end(session, caller, caller.id, caller.session_id, "signed out")


async def end_all_sessions(session: DbSession, caller: Caller | None, user_id: UUID, reason: str) -> None:
    ended = await session.fetch_values(queries.END_ALL_SESSIONS, of_user=user_id, now=utc_now())
    session.announce(RightsChanged(user_id))
    await publish(session, caller, *(events.session_ended(session_id, reason) for session_id in ended))


async def end_other_sessions(session: DbSession, caller: Caller, reason: str) -> None:
    """All the caller's sessions but the one that asks."""
    ended = await session.fetch_values(
        queries.END_OTHER_SESSIONS, of_user=caller.id, kept_session=caller.session_id, now=utc_now()
    )
    session.announce(RightsChanged(caller.id))
    await publish(session, caller, *(events.session_ended(session_id, reason) for session_id in ended))


async def forget_sessions(session: DbSession) -> None:
    """Those that ended a month ago: nobody looks for them any more."""
    await session.run(queries.FORGET_SESSIONS, before=utc_now() - _REMEMBERED)


def _mine(caller: Caller, session_id: UUID) -> dict[str, object]:
    return {"of_user": caller.id, "of_session": session_id, "current_id": caller.session_id, "now": utc_now()}


def _document(body: str | None) -> Document:
    """Its use is noted without a new version: nobody changes a session, so that is 1 for ever."""
    if body is None:
        raise NotFound("You have no such session")
    return Document(body, 1, pure=False)


async def _end(session: DbSession, caller: Caller | None, user_id: UUID, session_id: UUID, reason: str) -> None:
    ended = await session.fetch_value(queries.END_SESSION, of_session=session_id, of_user=user_id, now=utc_now())
    if ended is None:
        return
    session.announce(RightsChanged(user_id))
    await publish(session, caller, events.session_ended(session_id, reason))


async def _make_room(session: DbSession, user_id: UUID) -> None:
    """For one more session: the one that was not used for the longest time goes. The account has been locked."""
    ended = await session.fetch_values(queries.END_OLDEST_SESSIONS, of_user=user_id, now=utc_now(), kept=_MOST - 1)
    if ended:
        session.announce(RightsChanged(user_id))
        owner = Caller(user_id, SystemRole.USER)
        await publish(session, owner, *(events.session_ended(session_id, "too many") for session_id in ended))


async def _pair(session: DbSession, tokens: Tokens, live: LiveSession, session_id: UUID, generation: int) -> Pair:
    account = await session.only_row(accounts.ACCOUNT, of_user=live["user_id"])
    return Pair(
        access_token=tokens.issue_access(live["user_id"], session_id),
        refresh_token=tokens.refresh_token(session_id, generation),
        expires_in=tokens.access_seconds,
        user=account["body"],
        ends_at=live["expires_at"],
    )
