"""Webhooks of projects: made, changed, given new secrets, and disabled where their receivers fail."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from taskapi.auth import accounts
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.mail import limits
from taskapi.core.mail.sending import send_mail
from taskapi.core.parts import Parts
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, changes_of
from taskapi.core.resources.records import Place
from taskapi.models import DisabledReason
from taskapi.projects import service as projects
from taskapi.projects.queries import ProjectRow
from taskapi.webhooks import addresses, queries, signing
from taskapi.webhooks.errors import TooManyWebhooks
from taskapi.webhooks.queries import WEBHOOK, HeldRow
from taskapi.webhooks.schemas import WebhookCreate, WebhookUpdate

log = structlog.stdlib.get_logger("taskapi.webhooks")

_MOST: Final = 20
_OLD_SECRET_IS_GOOD: Final = timedelta(hours=24)
_NEWEST_FIRST: Final = "-created_at"


async def load(session: DbSession, caller: Caller, project: str, *, lock: bool = False) -> ProjectRow:
    """The project, for those who may have to do with its webhooks."""
    return await projects.load(session, caller, project, Permission.WEBHOOK_MANAGE, lock=lock)


async def list_webhooks(session: DbSession, caller: Caller, project: str, params: PageParams) -> Slice:
    row = await load(session, caller, project)
    return await reading.page(session, WEBHOOK, projects.place(row), params, _NEWEST_FIRST)


async def get_webhook(session: DbSession, caller: Caller, project: str, webhook_id: UUID) -> Document:
    row = await load(session, caller, project)
    return await reading.find(session, WEBHOOK, projects.place(row), webhook_id)


async def create_webhook(
    session: DbSession, parts: Parts, caller: Caller, project: str, data: WebhookCreate
) -> tuple[Document, str]:
    """The webhook, and its secret, which is told this once."""
    await _require_allowed(parts, caller, project, data.url)
    await accounts.require_access(session, caller)
    # Locked, so that two at once do not pass the bound together.
    row = await load(session, caller, project, lock=True)
    projects.require_not_archived(row)
    place = projects.place(row)
    if await session.only_value(WEBHOOK.count, of_place=place.id) >= _MOST:
        raise TooManyWebhooks(f"The project has {_MOST} webhooks; delete one that nobody uses")
    webhook_id, secret = data.id or new_id(), signing.new_secret()
    values = {
        **data.model_dump(exclude={"id"}),
        "id": webhook_id,
        "secret": parts.secrets.seal(webhook_id, secret),
        "created_by": caller.id,
        "created_at": utc_now(),
    }
    return await writing.add(session, caller, WEBHOOK, place, values), signing.shown(secret)


async def update_webhook(
    session: DbSession,
    parts: Parts,
    caller: Caller,
    project: str,
    webhook_id: UUID,
    data: WebhookUpdate,
    if_match: str | None,
) -> Document:
    if "url" in data.model_fields_set:
        await _require_allowed(parts, caller, project, data.url)
    await accounts.require_access(session, caller)
    place, before = await _hold(session, caller, project, webhook_id, if_match)
    changes = changes_of(before.fields(), data)
    if changes.get("is_active"):
        changes["disabled_reason"] = None
    if "url" in changes or changes.get("is_active"):
        changes |= {"failing_since": None, "resting_until": None}
    happened = "disabled" if changes.get("is_active") is False else "updated"
    return await writing.change(session, caller, WEBHOOK, place, before, changes, happened=happened)


async def rotate_secret(
    session: DbSession, parts: Parts, caller: Caller, project: str, webhook_id: UUID, if_match: str | None
) -> tuple[Document, str]:
    """A new secret. Requests are also signed with the one before for a day, so that receivers can change over."""
    await accounts.require_access(session, caller)
    place, before = await _hold(session, caller, project, webhook_id, if_match)
    secret = signing.new_secret()
    changes = {
        "secret": parts.secrets.seal(webhook_id, secret),
        "previous_secret": await session.only_value(queries.SECRET, of_webhook=webhook_id),
        "old_secret_until": utc_now() + _OLD_SECRET_IS_GOOD,
    }
    return await writing.change(session, caller, WEBHOOK, place, before, changes), signing.shown(secret)


async def delete_webhook(
    session: DbSession, caller: Caller, project: str, webhook_id: UUID, if_match: str | None
) -> None:
    """Also where the project is archived: access can be taken away at any time."""
    place = projects.place(await load(session, caller, project))
    webhook = await reading.hold(session, WEBHOOK, place, webhook_id, if_match, closed=True)
    await writing.remove(session, caller, WEBHOOK, place, webhook)


async def disable(session: DbSession, webhook_id: UUID, reason: DisabledReason) -> None:
    """Because of how its receiver answers; the project's owners are told."""
    held = await session.fetch_row(queries.HELD, of_webhook=webhook_id)
    if held is not None:
        await _disable(session, None, held, reason)
        await _tell_owners(session, held, reason)


async def disable_written_by(session: DbSession, caller: Caller, user_id: UUID, since: datetime) -> None:
    """What somebody's account made or changed since then: it may have been in other hands, and go on telling them."""
    for held in await session.fetch_rows(queries.HELD_WRITTEN_BY, of_user=user_id, since=since):
        await _disable(session, caller, held, DisabledReason.RECLAIMED)


async def forget_old_secrets(session: DbSession) -> None:
    await session.run(queries.FORGET_OLD_SECRETS, now=utc_now())


async def _require_allowed(parts: Parts, caller: Caller, project: str, url: str) -> None:
    """Name servers are asked for nobody but those who may, and while no connection to the database is held."""
    async with parts.database.autocommit() as session:
        await load(session, caller, project)
    await addresses.require_allowed(parts.settings, url)


async def _hold(
    session: DbSession, caller: Caller, project: str, webhook_id: UUID, if_match: str | None
) -> tuple[Place, Document]:
    row = await load(session, caller, project)
    before = await reading.hold(session, WEBHOOK, projects.place(row), webhook_id, if_match)
    projects.require_not_archived(row)
    return projects.place(row), before


async def _disable(session: DbSession, caller: Caller | None, held: HeldRow, reason: DisabledReason) -> None:
    place = Place(held["project_id"], held["project_id"], held["key"])
    changes = {"is_active": False, "disabled_reason": reason.value}
    await writing.change(session, caller, WEBHOOK, place, Document.of(held, pure=False), changes, happened="disabled")
    log.warning("webhook.disabled", webhook_id=str(held["id"]), reason=reason)


async def _tell_owners(session: DbSession, held: HeldRow, reason: DisabledReason) -> None:
    for owner in await session.fetch_rows(queries.OWNERS, of_project=held["project_id"]):
        address = owner["email"]
        # Counted apart from notices about accounts: who breaks a receiver shall not silence those.
        if address is None or not await limits.has_room_at(session, "webhook", address):
            continue
        values: dict[str, object] = {
            "username": owner["username"],
            "project": held["name"],
            "url": held["url"],
            "gone": reason is DisabledReason.GONE,
        }
        await send_mail.enqueue(session, template="webhook_disabled", to=address, values=values)
