"""Deliveries in SQL. The webhook has been loaded with the caller before."""

from functools import lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSON

from taskapi.core.access.past import SEEN_FROM_THE_PROJECT
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare, prepare_text
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import DeliveryStatus, Event, WebhookDelivery

_WHOLE: Final = 65_536
_IN_LISTS: Final = 4_096


class LoggedRow(TypedDict):
    """A change that a replay may deliver, and where in the log it stands."""

    id: UUID
    kind: str
    xid: str
    seq: int


# To a project's own receiver: a task that comes from another project tells nothing of what it was there.
_change: Final = as_json({**CHANGE_FIELDS, "changes": SEEN_FROM_THE_PROJECT}, cast_to_text=False)
_ping: Final = as_json({"webhook_id": WebhookDelivery.webhook_id}, cast_to_text=False)
_is_ping: Final = WebhookDelivery.change_id.is_(None)
PAYLOAD: Final[ColumnElement[str]] = case(
    (
        or_(_is_ping, Event.id.is_not(None)),
        as_json(
            {
                "type": WebhookDelivery.kind,
                "timestamp": func.coalesce(Event.at, WebhookDelivery.created_at),
                "data": case((_is_ping, _ping), else_=_change),
            }
        ),
    ),
    else_=null(),
)
"""What is sent, made from the change in the log, beside which the delivery stands; null where it is gone."""


def _body(length: int) -> ColumnElement[str]:
    """`length` is how many characters are shown of what is sent and of what is answered."""
    most: ColumnElement[int] = literal_column(str(length))
    answer = as_json(
        {
            "status": WebhookDelivery.answer_status,
            "headers": WebhookDelivery.answer_headers,
            "body": func.left(WebhookDelivery.answer_body, most),
            "truncated": or_(WebhookDelivery.answer_is_cut, func.length(WebhookDelivery.answer_body) > most),
        },
        cast_to_text=False,
    )
    sent: dict[str, Expression] = {
        "headers": WebhookDelivery.sent_headers,
        "body": func.left(PAYLOAD, most),
        "truncated": func.coalesce(func.length(PAYLOAD) > most, literal_column("false")),
    }
    return as_json(
        {
            "id": WebhookDelivery.id,
            "type": WebhookDelivery.kind,
            "change_id": WebhookDelivery.change_id,
            "status": WebhookDelivery.status,
            "attempts": WebhookDelivery.attempts,
            "created_at": WebhookDelivery.created_at,
            "attempted_at": WebhookDelivery.attempted_at,
            "next_attempt_at": WebhookDelivery.next_attempt_at,
            "duration_ms": WebhookDelivery.duration_ms,
            "error": WebhookDelivery.error,
            "request": as_json(sent, cast_to_text=False),
            "answer": case((WebhookDelivery.answer_status.is_not(None), answer), else_=cast(null(), JSON)),
        }
    ).label("body")


def _shown(length: int) -> Select[Any]:
    joined = WebhookDelivery.__table__.outerjoin(Event.__table__, Event.id == WebhookDelivery.change_id)
    return select(_body(length)).select_from(joined)


_of_webhook: Final = WebhookDelivery.webhook_id == bindparam("of_webhook")
_this: Final = and_(_of_webhook, WebhookDelivery.id == bindparam("of_delivery"))
ONE: Final = prepare(_shown(_WHOLE).where(_this), row=One[str])
_newest_first: Final = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(WebhookDelivery.created_at)}, WebhookDelivery.id
)


def _has(status: DeliveryStatus | None) -> ColumnElement[bool]:
    """Written out, for the indexes hold deliveries of one status."""
    return true() if status is None else WebhookDelivery.status == literal_column(f"'{status.value}'", Text)


@lru_cache(64)
def page(rows: int, status: DeliveryStatus | None, *, continues: bool) -> Statement[PageRow]:
    return page_statement(_shown(_IN_LISTS).where(_of_webhook, _has(status)), _newest_first, rows, continues=continues)


@lru_cache(8)
def count(status: DeliveryStatus | None) -> Statement[One[int]]:
    return count_statement(select(WebhookDelivery.id).where(_of_webhook, _has(status)))


PING: Final = prepare(insert(WebhookDelivery), "id", "webhook_id", "kind", "created_at", "next_attempt_at")
AGAIN: Final = prepare(
    update(WebhookDelivery)
    .where(_this)
    .values(status=DeliveryStatus.PENDING, attempts=0, next_attempt_at=bindparam("now"), taken_until=null())
)
_ADD: Final = """
    INSERT INTO webhook_deliveries (id, webhook_id, change_id, kind, created_at, next_attempt_at)
    SELECT added.*, $now::timestamptz, $now::timestamptz
    FROM unnest($ids::uuid[], $webhook_ids::uuid[], $change_ids::uuid[], $kinds::text[]) AS added
    ON CONFLICT (webhook_id, change_id)
"""
ADD: Final = prepare_text(f"{_ADD} DO NOTHING", row=One[None])
ADD_AGAIN: Final = prepare_text(
    f"""{_ADD} DO UPDATE SET status = 'pending', attempts = 0, next_attempt_at = $now::timestamptz
    WHERE webhook_deliveries.status <> 'pending'""",
    row=One[None],
)
# Ids sort by the time they were made, so the last one before an instant is found at once; what was logged later has
# a higher `xid` than it, where `before` is earlier than any transaction of then can have begun.
LAST_BEFORE: Final = prepare_text(
    "SELECT xid::text FROM events WHERE id < $before::uuid ORDER BY id DESC LIMIT 1", row=One[str]
)
LOGGED_SINCE: Final = prepare_text(
    """
    SELECT id, kind, xid::text AS xid, seq FROM events
    WHERE project_id = $of_project::uuid AND (xid, seq) > ($after_xid::text::xid8, $after_seq::bigint)
        AND at >= $since::timestamptz AND kind = ANY ($kinds::text[])
    ORDER BY xid, seq LIMIT $rows::integer
    """,
    row=LoggedRow,
)
FORGET: Final = prepare_text(
    """
    DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries
        WHERE id < $made_before::uuid AND coalesce(attempted_at, created_at) < $before::timestamptz
        ORDER BY id LIMIT $rows::integer
    ) RETURNING id
    """,
    row=One[UUID],
)
# One step for each webhook that has deliveries, however many.
FORGET_ORPHANS: Final = prepare_text(
    """
    WITH RECURSIVE named AS (
        (SELECT webhook_id FROM webhook_deliveries ORDER BY webhook_id LIMIT 1)
        UNION ALL
        SELECT (
            SELECT later.webhook_id FROM webhook_deliveries later
            WHERE later.webhook_id > named.webhook_id ORDER BY later.webhook_id LIMIT 1
        ) FROM named WHERE named.webhook_id IS NOT NULL
    ), orphans AS (
        SELECT webhook_id FROM named
        WHERE webhook_id IS NOT NULL AND NOT EXISTS (SELECT FROM webhooks WHERE webhooks.id = named.webhook_id)
    )
    DELETE FROM webhook_deliveries WHERE id IN (
        SELECT deliveries.id FROM orphans
        JOIN webhook_deliveries deliveries ON deliveries.webhook_id = orphans.webhook_id
        LIMIT $rows::integer
    ) RETURNING id
    """,
    row=One[UUID],
)
