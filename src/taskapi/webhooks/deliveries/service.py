"""Deliveries: made as changes are read, listed, sent again, and forgotten after 30 days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from taskapi.core.callers import Caller
from taskapi.core.change_log.tail import BEGINNING, LoggedChange, Position
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.errors import NotFound
from taskapi.core.fields import Instant
from taskapi.core.ids import first_id_of, new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Cursors, Slice
from taskapi.core.resources import reading
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.models import DeliveryStatus
from taskapi.projects import service as projects
from taskapi.projects.queries import ProjectRow
from taskapi.webhooks import queries as webhook_queries
from taskapi.webhooks import service as webhooks
from taskapi.webhooks import subscriptions
from taskapi.webhooks.deliveries import queries
from taskapi.webhooks.deliveries.schemas import DeliveryFilter, Replay
from taskapi.webhooks.errors import TooManyWaiting, WebhookDisabled
from taskapi.webhooks.queries import WEBHOOK

_KEPT: Final = timedelta(days=30)
_SWEPT_AT_ONCE: Final = 5_000
_REPLAYED_AT_ONCE: Final = 1_000
_MOST_WAITING: Final = 10_000
# Longer than any transaction of ours, and than clocks of our processes are apart.
_LONGEST_TRANSACTION: Final = timedelta(minutes=10)
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
_PLACE_IN_THE_LOG: Final = "changes"


@dataclass(frozen=True, slots=True)
class _New:
    webhook_id: UUID
    change_id: UUID
    kind: str


async def add_deliveries(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    """One of each change to each webhook that wants it: two statements, whatever there is of either."""
    projects_of_changes = {change.project_id for change in changes if change.project_id is not None}
    if not projects_of_changes:
        return
    listening = defaultdict(list)
    for row in await session.fetch_rows(webhook_queries.LISTENING, of_projects=list(projects_of_changes)):
        listening[row["project_id"]].append(row)
    new = [
        _New(webhook["id"], change.id, change.kind)
        for change in changes
        if change.project_id is not None
        for webhook in listening[change.project_id]
        if subscriptions.wants(webhook["events"], change.kind)
    ]
    await _add(session, queries.ADD, new)


async def list_deliveries(
    session: DbSession, caller: Caller, project: str, webhook_id: UUID, params: DeliveryFilter
) -> Slice:
    await _load(session, caller, project, webhook_id)
    return await paging.fetch(
        session,
        params,
        page=queries.page(params.rows, params.status, continues=params.continues),
        count=queries.count(params.status),
        of_webhook=webhook_id,
    )


async def get_delivery(
    session: DbSession, caller: Caller, project: str, webhook_id: UUID, delivery_id: UUID
) -> Document:
    await _load(session, caller, project, webhook_id)
    return await _find(session, webhook_id, delivery_id)


async def ping(session: DbSession, caller: Caller, project: str, webhook_id: UUID, if_match: str | None) -> Document:
    await _load_to_send(session, caller, project, webhook_id, if_match)
    delivery_id, now = new_id(), utc_now()
    await session.run(
        queries.PING,
        id=delivery_id,
        webhook_id=webhook_id,
        kind=subscriptions.PING,
        created_at=now,
        next_attempt_at=now,
    )
    return await _find(session, webhook_id, delivery_id)


async def redeliver(
    session: DbSession, caller: Caller, project: str, webhook_id: UUID, delivery_id: UUID, if_match: str | None
) -> Document:
    """Once more from its first attempt on, whatever has become of it."""
    await _load_to_send(session, caller, project, webhook_id, None)
    require_match(if_match, await _find(session, webhook_id, delivery_id))
    await session.run(queries.AGAIN, of_webhook=webhook_id, of_delivery=delivery_id, now=utc_now())
    return await _find(session, webhook_id, delivery_id)


async def replay(
    session: DbSession,
    cursors: Cursors,
    caller: Caller,
    project: str,
    webhook_id: UUID,
    since: str,
    if_match: str | None,
) -> Replay:
    """What the webhook wants of all that happened since, delivered or not, in the order of the log."""
    row, webhook = await _load_to_send(session, caller, project, webhook_id, if_match)
    waiting = queries.count(DeliveryStatus.PENDING)
    if await session.only_value(waiting, of_webhook=webhook_id) >= _MOST_WAITING:
        raise TooManyWaiting(
            f"{_MOST_WAITING} deliveries of this webhook have not been sent yet; wait for some of them"
        )
    after, earliest = await _start(session, cursors, since)
    found = await session.fetch_rows(
        queries.LOGGED_SINCE,
        of_project=row["id"],
        after_xid=str(after.xid),
        after_seq=after.seq,
        since=earliest,
        kinds=subscriptions.kinds_of(webhook["events"]),
        rows=_REPLAYED_AT_ONCE + 1,
    )
    replayed = found[:_REPLAYED_AT_ONCE]
    await _add(session, queries.ADD_AGAIN, [_New(webhook_id, change["id"], change["kind"]) for change in replayed])
    more = len(found) > len(replayed)
    end = [replayed[-1]["xid"], str(replayed[-1]["seq"])] if more else []
    return Replay(deliveries=len(replayed), next_since=cursors.encode(_PLACE_IN_THE_LOG, end) if more else None)


async def forget_deliveries(session: DbSession) -> bool:
    """Those of more than 30 days ago, and those of webhooks that are gone; whether there may be more."""
    before = utc_now() - _KEPT
    old = await session.fetch_values(
        queries.FORGET, made_before=first_id_of(before), before=before, rows=_SWEPT_AT_ONCE
    )
    orphans = await session.fetch_values(queries.FORGET_ORPHANS, rows=_SWEPT_AT_ONCE)
    return _SWEPT_AT_ONCE in (len(old), len(orphans))


async def _load(session: DbSession, caller: Caller, project: str, webhook_id: UUID) -> tuple[ProjectRow, Document]:
    row = await webhooks.load(session, caller, project)
    return row, await reading.find(session, WEBHOOK, projects.place(row), webhook_id)


async def _load_to_send(
    session: DbSession, caller: Caller, project: str, webhook_id: UUID, if_match: str | None
) -> tuple[ProjectRow, Fields]:
    row, document = await _load(session, caller, project, webhook_id)
    require_match(if_match, document)
    projects.require_not_archived(row)
    webhook = document.fields()
    if not webhook["is_active"]:
        raise WebhookDisabled('PATCH it with {"is_active": true} first; nothing is sent while it is disabled')
    return row, webhook


async def _find(session: DbSession, webhook_id: UUID, delivery_id: UUID) -> Document:
    """The worker changes it without a new version, so that is 1 for ever."""
    body = await session.fetch_value(queries.ONE, of_webhook=webhook_id, of_delivery=delivery_id)
    if body is None:
        raise NotFound("The webhook has no such delivery, or it was longer ago than 30 days")
    return Document(body, 1, pure=False)


async def _start(session: DbSession, cursors: Cursors, since: str) -> tuple[Position, datetime]:
    """Where in the log to begin, and what is too early even behind that."""
    try:
        instant = _INSTANT.validate_python(since)
    except ValidationError:
        xid, seq = cursors.decode(_PLACE_IN_THE_LOG, since)
        return Position(int(xid), int(seq)), datetime.fromtimestamp(0, tz=utc_now().tzinfo)
    xid_before = await session.fetch_value(queries.LAST_BEFORE, before=first_id_of(instant - _LONGEST_TRANSACTION))
    return (BEGINNING if xid_before is None else Position(int(xid_before), 0)), instant


async def _add(session: DbSession, statement: Statement[object], new: Iterable[_New]) -> None:
    rows = list(new)
    if rows:
        await session.run(
            statement,
            ids=[new_id() for _ in rows],
            webhook_ids=[row.webhook_id for row in rows],
            change_ids=[row.change_id for row in rows],
            kinds=[row.kind for row in rows],
            now=utc_now(),
        )
