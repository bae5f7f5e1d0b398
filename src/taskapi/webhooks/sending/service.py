"""Deliveries that are due: taken by one worker, signed, sent while no connection is held, and noted.

Each is sent at least once: a worker that dies between the answer and the note leaves it to be sent again, under the
same `webhook-id`.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog
from pydantic_core import to_json

from taskapi.core.change_log.publish import publish_seldom
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.db.session import DbSession
from taskapi.core.secrets.secrets_at_rest import SecretsAtRest
from taskapi.core.work.jobs import JobContext
from taskapi.models import DeliveryStatus, DisabledReason
from taskapi.settings import Settings
from taskapi.webhooks import addresses, events, signing
from taskapi.webhooks import service as webhooks
from taskapi.webhooks.deliveries.schemas import DeliveryError
from taskapi.webhooks.sending import queries, schedule
from taskapi.webhooks.sending.queries import TakenRow

log = structlog.stdlib.get_logger("taskapi.webhooks")

AT_ONCE: Final = 100
"""In each worker, and as many again to webhooks that fail."""
_AT_ONCE_TO_ONE_THAT_FAILS: Final = 1
# Long enough to send and to note it, where the database takes its time.
_TAKEN_FOR: Final = timedelta(seconds=60)
_GIVES_UP_AFTER: Final = timedelta(days=5)
_TOLD_EVERY: Final = timedelta(hours=1)
_MAX_BYTES: Final = 64 * 1024
_MAX_HEADERS: Final = 50
_MAX_HEADER: Final = 1_000
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one attempt went."""

    error: DeliveryError | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    is_cut: bool = False
    milliseconds: int | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - the class of the status


async def take(context: JobContext, places: int, *, failing: bool) -> Sequence[TakenRow]:
    """Those that are due, a few of each webhook: one that hangs keeps no more than these, and nobody else, waiting."""
    async with context.database.autocommit() as session:
        waiting = await session.fetch_values(queries.WAITING, now=utc_now(), failing=failing)
    if not waiting:
        return []
    async with unit_of_work(context.database) as session:
        if not await session.fetch_value(queries.TURN):
            return []
        # Only now: by an earlier moment, those that another worker took since would not be among those on their way.
        now = utc_now()
        return await session.fetch_rows(
            queries.TAKE,
            of_webhooks=waiting,
            failing=failing,
            most=_AT_ONCE_TO_ONE_THAT_FAILS if failing else queries.AT_ONCE_TO_ONE,
            places=places,
            now=now,
            until=now + _TAKEN_FOR,
        )


async def deliver(context: JobContext, taken: TakenRow) -> None:
    headers = _headers(context.settings, taken)
    outcome = await _send(context.settings, taken, headers)
    async with unit_of_work(context.database) as session:
        await _note(session, taken, headers, outcome)


def _headers(settings: Settings, taken: TakenRow) -> dict[str, str]:
    """Without a signature where no secret can be read; then nothing is sent."""
    sealed = [taken["secret"]]
    if taken["previous_secret"] and taken["old_secret_until"] and taken["old_secret_until"] > utc_now():
        sealed.append(taken["previous_secret"])
    at_rest = SecretsAtRest(settings.security.secret_key.get_secret_value())
    keys = [key for key in (at_rest.open(taken["webhook_id"], secret) for secret in sealed) if key is not None]
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "taskapi-webhooks",
        "webhook-id": str(taken["id"]),
        "webhook-timestamp": str(timestamp),
    }
    if keys:
        signed = (taken["body"] or "").encode()
        headers["webhook-signature"] = signing.signatures(keys, headers["webhook-id"], timestamp, signed)
    return headers


async def _send(settings: Settings, taken: TakenRow, headers: Mapping[str, str]) -> _Outcome:
    if taken["body"] is None:
        return _Outcome(DeliveryError.CHANGE_GONE)
    if "webhook-signature" not in headers:
        return _Outcome(DeliveryError.SECRET_UNREADABLE)
    out = await addresses.way_out(settings)
    from taskapi.core import outbound  # noqa: PLC0415 - imported by now, and not before the first webhook is sent

    started = time.monotonic()
    try:
        answer = await out.send(
            "POST", taken["url"], headers=headers, content=taken["body"].encode(), max_bytes=_MAX_BYTES
        )
    except outbound.UrlNotAllowed:
        return _Outcome(DeliveryError.URL_NOT_ALLOWED, milliseconds=_since(started))
    except outbound.OutboundTooSlow:
        return _Outcome(DeliveryError.TOO_SLOW, milliseconds=_since(started))
    except outbound.OutboundFailed as failure:
        log.info("webhook.unreachable", webhook_id=str(taken["webhook_id"]), reason=str(failure))
        return _Outcome(DeliveryError.UNREACHABLE, milliseconds=_since(started))
    shown = list(answer.headers.items())[:_MAX_HEADERS]
    return _Outcome(
        status=answer.status,
        headers={_text(name): _text(value)[:_MAX_HEADER] for name, value in shown},
        body=_text(answer.body.decode(errors="replace")),
        is_cut=not answer.complete,
        milliseconds=_since(started),
    )


async def _note(session: DbSession, taken: TakenRow, sent: Mapping[str, str], outcome: _Outcome) -> None:
    now = utc_now()
    # Retry-After also goes with 503 (RFC 9110 §10.2.3).
    rest = schedule.rest_wanted(outcome.headers.get("retry-after"), now) if outcome.status in {429, 503} else None
    status, pause = DeliveryStatus.DELIVERED, None
    if not outcome.is_delivered:
        pause = schedule.pause_after(taken["attempts"])
        status = DeliveryStatus.FAILED if pause is None else DeliveryStatus.PENDING
    noted = await session.fetch_value(
        queries.NOTE,
        of_delivery=taken["id"],
        attempt=taken["attempts"],
        status=status.value,
        next_attempt_at=None if pause is None else now + max(pause, rest or pause),
        duration_ms=outcome.milliseconds,
        error=outcome.error,
        sent_headers=to_json(sent).decode(),
        answer_status=outcome.status,
        answer_headers=None if outcome.status is None else to_json(outcome.headers).decode(),
        answer_body=None if outcome.status is None else outcome.body,
        answer_is_cut=outcome.is_cut,
    )
    if noted is None:
        return
    if outcome.is_delivered:
        await session.run(queries.RECOVERED, of_webhook=taken["webhook_id"])
        return
    failing_since = await session.fetch_value(
        queries.FAILED, of_webhook=taken["webhook_id"], now=now, resting_until=None if rest is None else now + rest
    )
    if outcome.error is DeliveryError.URL_NOT_ALLOWED:
        await _tell_refused_address(session, taken)
    if outcome.status == _GONE:
        await webhooks.disable(session, taken["webhook_id"], DisabledReason.GONE)
    elif failing_since is not None and failing_since < now - _GIVES_UP_AFTER:
        await webhooks.disable(session, taken["webhook_id"], DisabledReason.FAILING)


async def _tell_refused_address(session: DbSession, taken: TakenRow) -> None:
    """Where it led is in the log lines of the worker: who reads this may be an admin of the project alone."""
    place = await session.fetch_row(queries.PLACE_OF, of_webhook=taken["webhook_id"])
    if place is None:
        return
    host = urlsplit(taken["url"]).hostname or ""
    fact = events.address_refused(taken["webhook_id"], place["id"], place["key"], host)
    await publish_seldom(session, fact, utc_now() - _TOLD_EVERY, is_told=True)


def _text(text: str) -> str:
    """As PostgreSQL can store it."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
