"""Who a token belongs to: looked up in the database, and known in this process for a few seconds."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from taskapi.auth import events, queries
from taskapi.core.callers import Caller, CallerKind
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.database import Database, unit_of_work
from taskapi.core.errors import InvalidToken
from taskapi.core.parts import Parts
from taskapi.core.secrets import token_text
from taskapi.core.secrets.digests import digest
from taskapi.core.secrets.tokens import AccessClaims
from taskapi.models import SystemRole

log = structlog.stdlib.get_logger("taskapi.auth")

_NOTED_EVERY: Final = timedelta(minutes=1)


async def verify(parts: Parts, token: str, address: str | None) -> Caller:
    """Whose access or API token this is; raises InvalidToken. Without a round trip for one seen a moment ago."""
    known = parts.known_callers.find(token)
    if known is not None:
        return known
    if token.startswith(token_text.PREFIX):
        caller = await _look_up_api_token(token, parts.database, address)
    else:
        caller = await _look_up_session(parts.tokens.read_access(token), parts.database)
    parts.known_callers.keep(token, caller)
    return caller


async def verify_refresh(parts: Parts, token: str) -> Caller:
    """Whose refresh token this is, without using it up; also one that was used, as long as its session lasts."""
    session_id = parts.tokens.read_refresh(token).session_id
    found = await standing(parts.database, [session_id])
    if session_id not in found:
        raise InvalidToken("The session has ended; sign in again")
    return found[session_id]


async def standing(database: Database, credentials: Collection[UUID]) -> dict[UUID, Caller]:
    """Whoever these sessions and API tokens still stand for, by their ids; for those who stay longer than a request."""
    ids, now = list(credentials), utc_now()
    async with database.autocommit() as session:
        sessions = await session.fetch_rows(queries.STANDING_SESSIONS, ids=ids, now=now)
        tokens = await session.fetch_rows(queries.STANDING_API_TOKENS, ids=ids, now=now)
    found = {
        row["id"]: Caller(row["user_id"], SystemRole(row["role"]), row["id"], timezone=row["timezone"])
        for row in sessions
    }
    return found | {row["id"]: _of_api_token(row) for row in tokens}


async def _look_up_session(claims: AccessClaims, database: Database) -> Caller:
    async with database.autocommit() as session:
        row = await session.fetch_row(
            queries.CALLER_OF_SESSION, of_session=claims.session_id, of_user=claims.user_id, now=utc_now()
        )
    if row is None:
        raise InvalidToken("The session has ended; sign in again")
    return Caller(
        claims.user_id,
        SystemRole(row["role"]),
        claims.session_id,
        expires_at=claims.expires_at,
        timezone=row["timezone"],
    )


async def _look_up_api_token(token: str, database: Database, address: str | None) -> Caller:
    if not token_text.is_well_formed(token):
        raise InvalidToken("This is no API token of this service; copy it whole")
    now = utc_now()
    values = {"of_secret": digest(token), "now": now, "address": address, "noted_before": now - _NOTED_EVERY}

    async def look_up(note: bool) -> queries.TokenCaller | None:
        statement = queries.CALLER_OF_API_TOKEN if note else queries.CALLER_OF_API_TOKEN_UNNOTED
        async with database.autocommit() as session:
            return await session.fetch_row(statement, **statement.taken_from(values))

    row = await database.noting(look_up)
    if row is None:
        raise InvalidToken("The API token has expired or was revoked; make another")
    caller = _of_api_token(row)
    if row["last_used_at"] is None and row.get("is_noted"):
        log.info("auth.token.first_used", token_id=str(row["id"]), user_id=str(row["user_id"]), client=address)
        async with unit_of_work(database) as session:
            await publish(session, caller, events.api_token_first_used(row["id"], address))
    return caller


def _of_api_token(row: queries.TokenCaller) -> Caller:
    return Caller(
        row["user_id"],
        SystemRole(row["role"]),
        kind=CallerKind.TOKEN,
        expires_at=row["expires_at"].timestamp(),
        token_id=row["id"],
        scopes=frozenset(row["scopes"]),
        project_ids=None if row["project_ids"] is None else frozenset(row["project_ids"]),
        timezone=row["timezone"],
    )
