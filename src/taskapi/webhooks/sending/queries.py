"""What is due, taken by one worker, and how it went, in SQL."""

from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import func, literal_column, select

from taskapi.core.db.statements import One, as_text, prepare, prepare_text
from taskapi.webhooks.deliveries.queries import PAYLOAD


class TakenRow(TypedDict):
    """A delivery that this worker sends."""

    id: UUID
    webhook_id: UUID
    attempts: int
    """This one included."""
    url: str
    secret: bytes
    previous_secret: bytes | None
    old_secret_until: datetime | None
    body: str | None


class PlaceRow(TypedDict):
    """The project of a webhook."""

    id: UUID
    key: str


AT_ONCE_TO_ONE: Final = 4
# Those that fail have places of their own, so that the others' are never full of requests that nobody answers.
_READY: Final = """
    webhooks.is_active AND (webhooks.failing_since IS NOT NULL) = $failing::boolean
    AND (webhooks.resting_until IS NULL OR webhooks.resting_until <= $now::timestamptz)
"""
# Asked many times a second: one step in the index for each webhook that has something waiting, however much. That each
# step also asks for the earliest keeps it to the index of what waits; others would lead through what was delivered.
WAITING: Final = prepare_text(
    f"""
    WITH RECURSIVE waiting AS (
        (
            SELECT webhook_id, next_attempt_at FROM webhook_deliveries WHERE status = 'pending'
            ORDER BY webhook_id, next_attempt_at LIMIT 1
        )
        UNION ALL
        SELECT following.webhook_id, following.next_attempt_at FROM waiting CROSS JOIN LATERAL (
            SELECT later.webhook_id, later.next_attempt_at FROM webhook_deliveries later
            WHERE later.status = 'pending' AND later.webhook_id > waiting.webhook_id
            ORDER BY later.webhook_id, later.next_attempt_at LIMIT 1
        ) AS following
    )
    SELECT webhooks.id FROM waiting JOIN webhooks ON webhooks.id = waiting.webhook_id
    WHERE {_READY} AND waiting.next_attempt_at <= $now::timestamptz
    """,  # noqa: S608 - of texts of ours
    row=One[UUID],
)
# Two that count at once would together take more of one webhook than may be sent to it at once.
TURN: Final = prepare(
    select(func.pg_try_advisory_xact_lock(func.hashtextextended(literal_column("'taskapi webhooks'"), 0))),
    row=One[bool],
)
# First one of each webhook, then a second of each: where places are few, nobody has them all. The limit is written out,
# or the planner would sort all that a webhook has waiting (51 ms for 40,000).
TAKE: Final = prepare_text(
    f"""
    WITH ready AS (
        SELECT webhooks.id, $most::bigint - (
            SELECT count(*) FROM webhook_deliveries sent
            WHERE sent.webhook_id = webhooks.id AND sent.status = 'pending'
                AND sent.next_attempt_at > $now::timestamptz
                AND sent.next_attempt_at <= $until::timestamptz + interval '10 seconds' -- clocks of workers differ
                AND sent.taken_until > $now::timestamptz
        ) AS places
        FROM webhooks WHERE webhooks.id = ANY ($of_webhooks::uuid[]) AND {_READY}
    ), due AS (
        SELECT found.id FROM ready CROSS JOIN LATERAL (
            SELECT id, next_attempt_at, row_number() OVER (ORDER BY next_attempt_at, id) AS turn FROM (
                SELECT id, next_attempt_at FROM webhook_deliveries waiting
                WHERE waiting.webhook_id = ready.id AND waiting.status = 'pending'
                    AND waiting.next_attempt_at <= $now::timestamptz
                ORDER BY next_attempt_at, id LIMIT {AT_ONCE_TO_ONE}
            ) AS earliest
        ) AS found
        WHERE found.turn <= ready.places ORDER BY found.turn, found.next_attempt_at LIMIT $places::integer
    ), taken AS (
        UPDATE webhook_deliveries SET attempts = attempts + 1, attempted_at = $now::timestamptz,
            next_attempt_at = $until::timestamptz, taken_until = $until::timestamptz
        WHERE id IN (SELECT id FROM due) AND status = 'pending' AND next_attempt_at <= $now::timestamptz
        RETURNING *
    )
    SELECT webhook_deliveries.id, webhook_deliveries.webhook_id, webhook_deliveries.attempts, webhooks.url,
        webhooks.secret, webhooks.previous_secret, webhooks.old_secret_until, {as_text(PAYLOAD)} AS body
    FROM taken AS webhook_deliveries
    JOIN webhooks ON webhooks.id = webhook_deliveries.webhook_id
    LEFT JOIN events ON events.id = webhook_deliveries.change_id
    """,  # noqa: S608 - as above
    row=TakenRow,
)
# Not where another worker has taken it meanwhile, or somebody has asked for it again.
NOTE: Final = prepare_text(
    """
    UPDATE webhook_deliveries SET status = $status::text, next_attempt_at = $next_attempt_at::timestamptz,
        taken_until = NULL, duration_ms = $duration_ms::integer, error = $error::text,
        sent_headers = $sent_headers::jsonb, answer_status = $answer_status::integer,
        answer_headers = $answer_headers::jsonb, answer_body = $answer_body::text,
        answer_is_cut = $answer_is_cut::boolean
    WHERE id = $of_delivery::uuid AND status = 'pending' AND attempts = $attempt::integer
    RETURNING id
    """,
    row=One[UUID],
)
# Null where the webhook is gone.
FAILED: Final = prepare_text(
    """
    UPDATE webhooks SET failing_since = coalesce(failing_since, $now::timestamptz),
        resting_until = greatest(resting_until, $resting_until::timestamptz)
    WHERE id = $of_webhook::uuid RETURNING failing_since
    """,
    row=One[datetime],
)
PLACE_OF: Final = prepare_text(
    """
    SELECT projects.id, projects.key FROM webhooks JOIN projects ON projects.id = webhooks.project_id
    WHERE webhooks.id = $of_webhook::uuid
    """,
    row=PlaceRow,
)
RECOVERED: Final = prepare_text(
    """
    UPDATE webhooks SET failing_since = NULL, resting_until = NULL
    WHERE id = $of_webhook::uuid AND failing_since IS NOT NULL
    """,
    row=One[None],
)
