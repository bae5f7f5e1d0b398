"""Streams: what happened since a cursor, from the database, and then what happens, from the hub."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from taskapi.auth import callers
from taskapi.changes.streams import queries
from taskapi.changes.streams.hub import Hub
from taskapi.changes.streams.items import Item, item
from taskapi.changes.streams.subscriptions import Subscription
from taskapi.changes.sync import cursors
from taskapi.changes.sync import service as sync
from taskapi.changes.sync.schemas import ChangesWanted
from taskapi.core.access import reach
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work, write_after_end
from taskapi.core.db.session import DbSession
from taskapi.core.errors import InvalidToken
from taskapi.core.parts import Parts
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import LIFETIMES, LinkNotValid, Purpose

HEARTBEAT: Final = 15.0
"""Seconds after which a stream in which nothing happens says that it lives: proxies end what is silent for a minute."""
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent in one go, and the cursor behind it; without items it is a heartbeat."""

    items: list[Item]
    cursor: str


async def open_stream(hub: Hub, caller: Caller, asked: ChangesWanted, last: str | None = None) -> Subscription:
    """A place among the listeners, for `batches`; whoever gets it lets `hub.leave` know. `last` goes before `since`.

    Raises InvalidCursor, CursorExpired, NotFound and TooManyStreams, before anything is sent.
    """
    parts = hub.parts
    since = last if last is not None else asked.since
    after = cursors.read(parts.cursors, since) if since is not None else None
    session = parts.database.autocommit()
    try:
        async with session:
            of = await sync.wanted(session, caller, asked.project, asked.kind)
            if after is None:
                after = await sync.now(session, parts.tail)
            else:
                await sync.walk(session, parts.tail, of, after, 1)
    finally:
        await write_after_end(parts.database, session)
    subscription = hub.enter(of)
    subscription.place = after
    return subscription


async def batches(hub: Hub, subscription: Subscription) -> AsyncIterator[Batch]:
    """Without a gap and nothing twice, until `subscription.ending` says why it ends.

    First pages, until there is no more; then the hub holds back what comes, while the last pages and the rights are
    read, so that what was read in between is known to both.
    """
    subscription.is_claimed = True
    yield _batch(hub, subscription, [])
    async for batch in _caught_up(hub, subscription):
        yield batch
    if subscription.ending is None:
        await hub.begin(subscription)
        async for batch in _caught_up(hub, subscription):
            yield batch
        async with hub.parts.database.autocommit() as session:
            of = subscription.of
            seen_as = Reach.of(of.caller)
            rows = await session.fetch_rows(queries.roles(seen_as), **reach.values(of.caller))
        hub.go_live(subscription, rows, subscription.place)
    while True:
        items = await subscription.next(HEARTBEAT)
        if not items and subscription.ending is not None:
            return
        if not items:
            subscription.place = max(subscription.place, hub.place)
        yield _batch(hub, subscription, items)


async def _caught_up(hub: Hub, subscription: Subscription) -> AsyncIterator[Batch]:
    parts = hub.parts
    more = True
    while more and subscription.ending is None:
        async with parts.database.autocommit() as session:
            found = await sync.walk(session, parts.tail, subscription.of, subscription.place, _PAGE)
        subscription.place, more = found.place, found.has_more
        if found.items:
            yield _batch(hub, subscription, [item(parts.cursors, told.body, told.place) for told in found.items])


def _batch(hub: Hub, subscription: Subscription, items: list[Item]) -> Batch:
    return Batch(items, cursors.write(hub.parts.cursors, subscription.place))


async def issue_ticket(session: DbSession, parts: Parts, caller: Caller) -> tuple[str, datetime]:
    """For one WebSocket, as long as the session or token stands that asked for it; and until when it is good."""
    details = {"credential": str(caller.credential_id)}
    expires_at = utc_now() + LIFETIMES[Purpose.STREAM]
    made = await one_time.issue(session, Purpose.STREAM, caller.id, details, voids_older=False)
    return parts.links.write(Purpose.STREAM, made), expires_at


async def use_ticket(parts: Parts, ticket: str) -> Caller:
    """Raises InvalidToken."""
    try:
        async with unit_of_work(parts.database) as session:
            opened = await one_time.use(session, parts.links, Purpose.STREAM, ticket)
    except LinkNotValid:
        raise InvalidToken("The ticket is no good: it has run out or was used; ask for a new one") from None
    credential = UUID(opened.details["credential"])
    caller = (await callers.standing(parts.database, [credential])).get(credential)
    if caller is None:
        raise InvalidToken("The session or token has ended; sign in again")
    return caller
