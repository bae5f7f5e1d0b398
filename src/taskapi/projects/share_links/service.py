"""Share links: made, listed, revoked, and opened by whoever has one.

They are opened on the primary: a replica behind by a minute would show a project for a minute after the link's end.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pydantic_core
import structlog

from taskapi.auth import sign_in_limits
from taskapi.auth.service import Device, SignIns
from taskapi.core import pagination
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db import DbSession, Row
from taskapi.core.errors import NotFound
from taskapi.core.events import publish
from taskapi.core.ids import new_id
from taskapi.core.pagination import PageParams, Slice
from taskapi.core.permissions import Permission
from taskapi.projects import service as projects
from taskapi.projects.share_links import events, queries
from taskapi.projects.share_links.errors import SharePasswordRequired, TooManyShareLinks, WrongSharePassword
from taskapi.projects.share_links.schemas import ShareLinkCreate
from taskapi.settings import RateLimit

log = structlog.stdlib.get_logger("taskapi.share_links")

_MOST: Final = 100
_RANDOM_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NOTED_EVERY: Final = timedelta(minutes=1)


async def list_share_links(
    session: DbSession, caller: Caller, project: str, params: PageParams, after: dict[str, str] | None
) -> Slice:
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE)
    return await pagination.fetch(
        session,
        params,
        after,
        page=queries.page(params.limit, continues=after is not None),
        count=queries.COUNT,
        project_id=row["id"],
        now=utc_now(),
    )


async def create_share_link(
    session: DbSession, sign_ins: SignIns, caller: Caller, project: str, data: ShareLinkCreate
) -> dict[str, Any]:
    """The link with its token, which is told this once."""
    # Before the transaction's first statement: nobody shall wait for a hash with a connection in hand.
    password_hash = None if data.password is None else await sign_ins.passwords.hash(data.password)
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE, lock=True)
    projects.require_not_archived(row)
    if await session.fetch_value(queries.COUNT, project_id=row["id"]) >= _MOST:
        raise TooManyShareLinks(f"The project has {_MOST} share links; revoke one that nobody uses")
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    body = await session.fetch_value(
        queries.CREATE,
        id=new_id(),
        project_id=row["id"],
        label=data.label,
        token_hash=digest(token),
        password_hash=password_hash,
        expires_at=data.expires_at,
        created_by=caller.id,
        created_at=utc_now(),
    )
    fields: dict[str, Any] = pydantic_core.from_json(body)
    await publish(session, caller, events.share_link_created(row, fields))
    return {**fields, "token": token}


async def revoke_share_link(session: DbSession, caller: Caller, project: str, link_id: UUID) -> None:
    """Also where the project is archived: access can be taken away at any time."""
    row = await projects.load(session, caller, project, Permission.SHARE_LINK_MANAGE)
    values = {"of_project": row["id"], "link_id": link_id}
    if await session.fetch_row(queries.REVOKE, **values, now=utc_now()) is None:
        raise NotFound("The project has no such share link")
    await publish(session, caller, events.share_link_revoked(row, link_id))


async def get_shared_project(sign_ins: SignIns, device: Device, token: str, password: str | None) -> str:
    """The project that a link opens, as JSON text: one round trip where the link has no password."""
    body: str = (await open_link(sign_ins, device, token, password))["body"]
    return body


async def open_link(sign_ins: SignIns, device: Device, token: str, password: str | None) -> Row:
    """NotFound for whatever opens nothing: no such link, expired, revoked, its project in the trash, its maker out."""
    values = link_values(token)
    async with sign_ins.database.single_statements() as session:
        row = await session.fetch_row(queries.OPEN, **values)
    if row is None:
        raise no_link()
    if row["password_hash"] is not None:
        if password is None:
            raise SharePasswordRequired("Send it in the header X-Share-Password")
        await _check_password(sign_ins, device, row, password)
        async with sign_ins.database.single_statements() as session:
            await session.fetch_row(queries.NOTE, **values)
    return row


def link_values(token: str) -> dict[str, Any]:
    """What the statements that read by a link ask for. What cannot be a token is as absent as one that is not."""
    if not _TOKEN.fullmatch(token):
        raise no_link()
    now = utc_now()
    return {"token_hash": digest(token), "now": now, "noted_before": now - _NOTED_EVERY}


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def no_link() -> NotFound:
    return NotFound("There is no such link, or it opens nothing any more")


async def _check_password(sign_ins: SignIns, device: Device, link: Row, password: str) -> None:
    """Wrong ones count like failed sign-ins, for this link and for the address they come from."""
    limited = sign_ins.settings.rate_limit is RateLimit.ON
    counters = sign_in_limits.buckets(f"share-link/{link['id']}", device.address) if limited else {}
    async with sign_in_limits.counted(sign_ins.database, counters) as attempt:
        attempt.succeeded, _ = await sign_ins.passwords.verify(password, link["password_hash"])
    if not attempt.succeeded:
        log.warning("share_link.password.wrong", share_link_id=str(link["id"]), client=device.address)
        raise WrongSharePassword("Ask whoever gave you the link")
