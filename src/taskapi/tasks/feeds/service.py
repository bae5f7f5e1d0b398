"""Calendar feeds: made, listed, taken back, and read by whoever has one.

They are read on the primary: a replica behind by a minute would show tasks for a minute after the feed's end.
"""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pydantic_core

from taskapi.auth import accounts
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.parts import Parts
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.core.secrets.digests import digest
from taskapi.core.urls import public_url
from taskapi.models import SystemRole
from taskapi.projects import service as projects
from taskapi.tasks.calendars.kinds import EntryKind
from taskapi.tasks.feeds import queries
from taskapi.tasks.feeds.errors import TooManyFeeds
from taskapi.tasks.feeds.queries import FEED, OpenedRow
from taskapi.tasks.feeds.schemas import FeedCreate
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.lists import service as lists
from taskapi.tasks.views import service as views

_MOST: Final = 50
_MOST_ENTRIES: Final = 5000
"""What is due last comes first: of more tasks, those are left out that were due longest ago, or never are."""
_RANDOM_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NOTED_EVERY: Final = timedelta(minutes=1)
_MINE: Final = "assignee:me"
_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed as it was read: its tag, and its text, which is None where the reader has it already."""

    etag: str
    text: bytes | None


async def list_feeds(session: DbSession, caller: Caller, params: PageParams) -> Slice:
    return await reading.page(session, FEED, _place(caller.id), params, "-created_at")


async def get_feed(session: DbSession, caller: Caller, feed_id: UUID) -> Document:
    return await reading.find(session, FEED, _place(caller.id), feed_id)


async def create_feed(session: DbSession, caller: Caller, data: FeedCreate) -> tuple[Document, str]:
    """The feed, and its token, which is told this once."""
    if data.filter is not None:
        views.require_readable(caller, data.filter)
    # Locked, so that two at once do not pass the bound together; and looked up, for it outlives what it is made with.
    await accounts.lock_own(session, caller)
    project = None
    if data.project is not None:
        project = await projects.load(session, caller, data.project, Permission.TASK_READ)
    if await session.only_value(FEED.count, of_place=caller.id) >= _MOST:
        raise TooManyFeeds(f"You have {_MOST} calendar feeds; take one back that no calendar reads")
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    values = {
        **data.model_dump(include={"label", "filter", "kind"}),
        "id": data.id or new_id(),
        "token_hash": digest(token),
        "project_id": project["id"] if project else None,
        "created_at": utc_now(),
    }
    return await writing.add(session, caller, FEED, _place(caller.id), values), token


async def delete_feed(session: DbSession, caller: Caller, feed_id: UUID, if_match: str | None) -> None:
    place = _place(caller.id)
    await writing.remove(session, caller, FEED, place, await reading.hold(session, FEED, place, feed_id, if_match))


async def end_made_by(session: DbSession, caller: Caller, user_id: UUID, since: datetime) -> None:
    """What somebody's account made since then: it may have been in other hands."""
    rows = await session.fetch_rows(queries.FORGET_SINCE, of_user=user_id, since=since)
    await writing.tell_removed(session, caller, FEED, _place(user_id), [Document.of(row) for row in rows])


async def forget_of_deleted(session: DbSession, caller: Caller, user_id: UUID) -> None:
    rows = await session.fetch_rows(queries.FORGET, of_user=user_id)
    await writing.tell_removed(session, caller, FEED, _place(user_id), [Document.of(row) for row in rows])


async def read(parts: Parts, token: str, is_known: Callable[[str], bool]) -> Reading:
    """What the owner may see now of what the feed shows. `is_known` says of a tag whether the reader has that.

    Of the two, reading is cheap and writing it as a calendar is not: half a millisecond an entry, in a thread.
    """
    feed = await _open(parts, token)
    kind = EntryKind(feed["kind"])
    owner = Caller(feed["user_id"], SystemRole.USER, timezone=feed["timezone"])
    async with parts.database.autocommit() as session:
        bodies = await lists.entries(
            session,
            owner,
            project=feed["project_id"],
            text=feed["filter"] or (_MINE if feed["project_id"] is None else ""),
            only_due=kind is EntryKind.EVENT,
            most=_MOST_ENTRIES,
        )
    name = feed["label"] or feed["project_name"] or "taskapi"
    etag = _tag(name, feed["timezone"], kind, *bodies)
    if is_known(etag):
        return Reading(etag, None)
    head = (name, zone_named(feed["timezone"]), public_url(parts.settings))
    return Reading(etag, await asyncio.to_thread(_written, head, kind, bodies))


def _written(head: tuple[str, ZoneInfo, str], kind: EntryKind, bodies: list[str]) -> bytes:
    """In a thread: the first calendar imports what writes it."""
    from taskapi.tasks.calendars.entries import Book  # noqa: PLC0415

    book = Book(*head)
    tasks = (pydantic_core.from_json(body) for body in bodies)
    return book.head() + book.entries(tasks, kind) + book.end()


def _tag(*parts: str) -> str:
    hashed = hashlib.blake2b(digest_size=_TAG_BYTES)
    for part in parts:
        hashed.update(part.encode())
        hashed.update(b"\0")
    return f'"{hashed.hexdigest()}"'


async def _open(parts: Parts, token: str) -> OpenedRow:
    """NotFound for whatever opens nothing: no such feed, taken back, its owner disabled or gone."""
    if not _TOKEN.fullmatch(token):
        raise _no_feed()
    now = utc_now()
    values = {"token_hash": digest(token), "now": now, "noted_before": now - _NOTED_EVERY}

    async def look_up(note: bool) -> OpenedRow | None:
        statement = queries.OPEN if note else queries.OPEN_UNNOTED
        async with parts.database.autocommit() as session:
            return await session.fetch_row(statement, **statement.taken_from(values))

    row = await parts.database.noting(look_up)
    if row is None:
        raise _no_feed()
    return row


def _no_feed() -> NotFound:
    return NotFound("There is no such feed, or it shows nothing any more")


def _place(user_id: UUID) -> Place:
    return Place(user_id, None, None)
