"""Identities: listed, and taken off by their owner or by whatever takes an account back."""

from datetime import datetime
from uuid import UUID

import structlog

from taskapi.auth import accounts
from taskapi.auth.identities import events, queries
from taskapi.auth.identities.errors import LastWayIn
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, require_match

log = structlog.stdlib.get_logger("taskapi.auth")


async def list_identities(session: DbSession, caller: Caller, params: PageParams) -> Slice:
    return await paging.fetch_in_order(session, params, queries.page, queries.COUNT, of_user=caller.id)


async def get_identity(session: DbSession, caller: Caller, identity_id: UUID) -> Document:
    return _document(await session.fetch_value(queries.ONE, of_user=caller.id, of_identity=identity_id))


async def unlink_identity(session: DbSession, caller: Caller, identity_id: UUID, if_match: str | None) -> None:
    """The account is locked, so that of two at once the second sees whether anything else is left."""
    await accounts.lock_own(session, caller)
    mine = {"of_user": caller.id, "of_identity": identity_id}
    require_match(if_match, _document(await session.fetch_value(queries.ONE, **mine)))
    ways = await session.only_row(queries.WAYS_IN, of_user=caller.id)
    if not ways["has_password"] and ways["identities"] == 1:
        raise LastWayIn("Set a password first, or sign in with another provider")
    gone = await session.only_row(queries.UNLINK, **mine)
    await publish(session, caller, events.identity_unlinked(gone["id"], gone["issuer"], "unlinked"))
    log.info("auth.identity.unlinked", user_id=str(caller.id), identity_id=str(identity_id))


async def unlink_all(
    session: DbSession, caller: Caller, user_id: UUID, reason: str, *, since: datetime | None = None
) -> None:
    """Every identity of somebody's, or those that were linked since."""
    gone = await session.fetch_rows(queries.UNLINK_ALL, of_user=user_id, since=since)
    await publish(session, caller, *(events.identity_unlinked(row["id"], row["issuer"], reason) for row in gone))


def _document(body: str | None) -> Document:
    """Its use is noted without a new version: nobody changes an identity, so that is 1 for ever."""
    if body is None:
        raise NotFound("You have no such identity")
    return Document(body, 1, pure=False)
