"""Share links: made, listed, revoked, and opened by whoever has one.

They are opened on the primary: a replica behind by a minute would show a project for a minute after the link's end.
"""

import hashlib
import re
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from taskapi.auth import accounts, limits
from taskapi.auth.accounts import Device
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, NotFound, WritesRefused
from taskapi.core.http.addresses import network_of
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.lists.sources import Source
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, Versioned, require_match
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.projects.share_links import events, queries
from taskapi.projects.share_links.errors import SharePasswordRequired, TooManyShareLinks, WrongSharePassword
from taskapi.projects.share_links.queries import OpenedRow, RevokedRow
from taskapi.projects.share_links.schemas import ShareLinkCreate

log = structlog.stdlib.get_logger("taskapi.share_links")

_MOST: Final = 100
_RANDOM_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NOTED_EVERY: Final = timedelta(minutes=1)
# For as long as no worker ran.
_TOLD_LATE: Final = timedelta(days=7)


async def list_share_links(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE)
    return await paging.fetch_in_order(
        session, params, queries.page, queries.COUNT, project_id=row["id"], now=utc_now()
    )


async def get_share_link(session: DbSession, caller: Caller, project: str, link_id: UUID) -> Document:
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE)
    link = await session.fetch_row(queries.ONE, project_id=row["id"], link_id=link_id, now=utc_now())
    if link is None:
        raise _absent()
    return _document(link)


async def create_share_link(
    session: DbSession, parts: Parts, caller: Caller, project: str, data: ShareLinkCreate
) -> tuple[Document, str]:
    """The link, and its token, which is told this once."""
    # Before the transaction's first statement: nobody shall wait for a hash with a connection in hand.
    password_hash = None if data.password is None else await parts.passwords.hash(data.password)
    await accounts.require_access(session, caller)
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE, lock=True)
    projects.require_not_archived(row)
    if await session.only_value(queries.COUNT, project_id=row["id"]) >= _MOST:
        raise TooManyShareLinks(f"The project has {_MOST} share links; revoke one that nobody uses")
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    try:
        body = await session.only_value(
            queries.CREATE,
            id=data.id or new_id(),
            project_id=row["id"],
            label=data.label,
            token_hash=digest(token),
            password_hash=password_hash,
            attachments=data.attachments,
            expires_at=data.expires_at,
            created_by=caller.id,
            created_at=utc_now(),
        )
    except asyncpg.UniqueViolationError:
        raise IdTaken("Leave the id out, or make a new one") from None
    document = _document({"body": body, "version": 1})
    await publish(session, caller, events.share_link_created(projects.place(row), document.fields()))
    return document, token


async def revoke_share_link(
    session: DbSession, caller: Caller, project: str, link_id: UUID, if_match: str | None
) -> None:
    """Also where the project is archived: access can be taken away at any time."""
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE)
    now = utc_now()
    link = await session.fetch_row(queries.LOCKED, project_id=row["id"], link_id=link_id, now=now)
    if link is None:
        raise _absent()
    require_match(if_match, _document(link))
    await session.run(queries.REVOKE, of_project=row["id"], link_id=link_id, now=now)
    await publish(session, caller, events.share_link_revoked(projects.place(row), link_id))


async def revoke_made_by(session: DbSession, caller: Caller, user_id: UUID, since: datetime) -> None:
    """What somebody's account made since then: it may have been in other hands."""
    rows = await session.fetch_rows(queries.REVOKE_MADE_BY, of_user=user_id, since=since, now=utc_now())
    places = {row["id"]: _place(row) for row in rows}
    await publish(session, caller, *(events.share_link_revoked(place, link) for link, place in places.items()))


async def tell_openings(session: DbSession) -> bool:
    """Which links were opened since that was last told, each once a day; whether there may be more.

    Not told by whoever opens one: many read by a link, and it is to cost them nothing.
    """
    rows = await session.fetch_rows(queries.NOT_TOLD, since=utc_now() - _TOLD_LATE)
    facts = [events.share_link_opened(_place(row), row["id"], row["last_used_at"]) for row in rows]
    await publish(session, None, *facts)
    return bool(rows)


def _place(row: RevokedRow) -> Place:
    return Place(row["project_id"], row["project_id"], row["key"])


def _document(row: Versioned) -> Document:
    """Whether it opens depends on its maker, and its use is noted without a new version."""
    return Document.of(row, pure=False)


async def get_shared_project(parts: Parts, device: Device, token: str, password: str | None) -> str:
    """The project that a link opens, as JSON text: one round trip where the link has no password."""
    return (await open_link(parts, device, token, password))["body"]


async def open_link(parts: Parts, device: Device, token: str, password: str | None) -> OpenedRow:
    """NotFound for whatever opens nothing: no such link, expired, revoked, its project in the trash, its maker out."""
    values = _values(token)

    async def look_up(note: bool) -> OpenedRow | None:
        statement = queries.OPEN if note else queries.OPEN_UNNOTED
        async with parts.database.autocommit() as session:
            return await session.fetch_row(statement, **statement.taken_from(values))

    row = await parts.database.noting(look_up)
    if row is None:
        raise no_link()
    if row["password_hash"] is not None:
        if password is None:
            raise SharePasswordRequired("Send it in the header X-Share-Password")
        await _require_password(parts, device, row, row["password_hash"], password)
        if row["last_used_at"] is None or row["last_used_at"] < utc_now() - _NOTED_EVERY:
            with suppress(WritesRefused):
                async with parts.database.autocommit() as session:
                    await session.run(queries.NOTE, **values)
    return row


def source(token: str, *, opened: bool, note: bool) -> Source:
    """For lists of the project that a link opens, in the one statement that opens it, too, unless it is `opened`."""
    values = _values(token)
    beside = {"noted_before": values.pop("noted_before")} if note else {}
    shown = {name: values[name] for name in ("token_hash", "now")}
    return Source(queries.origin(unlocked=opened, note=note), shown, beside)


def shown_by(token: str) -> dict[str, object]:
    """For statements with what a link shows in them."""
    values = _values(token)
    return {name: values[name] for name in ("token_hash", "now")}


def _values(token: str) -> dict[str, object]:
    """What the statements that read by a link ask for. What cannot be a token is as absent as one that is not."""
    if not _TOKEN.fullmatch(token):
        raise no_link()
    now = utc_now()
    return {"token_hash": digest(token), "now": now, "noted_before": now - _NOTED_EVERY}


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def no_link() -> NotFound:
    return NotFound("There is no such link, or it opens nothing any more")


def _absent() -> NotFound:
    return NotFound("The project has no such share link")


async def _require_password(parts: Parts, device: Device, link: OpenedRow, stored: str, password: str) -> None:
    """Wrong ones count like failed sign-ins, for this link and for the address they come from.

    A right one is known for a while, but never longer than the link and its password: both were just read.
    """
    network = network_of(device.address)
    if parts.grants.has(link["id"], network, password, stored):
        return
    counters = limits.of_share_link(parts.settings.security, link["id"], device.address)
    async with limits.counted(parts.database, counters) as attempt:
        attempt.succeeded, _ = await parts.passwords.verify(password, stored)
    if not attempt.succeeded:
        log.warning("share_link.password.wrong", share_link_id=str(link["id"]), client=device.address)
        raise WrongSharePassword("Ask whoever gave you the link")
    parts.grants.give(link["id"], network, password, stored)
