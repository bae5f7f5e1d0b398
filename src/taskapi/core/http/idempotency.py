"""Idempotency-Key: the effect and the answer to it are stored in one transaction, so a repeat gets that answer.

The IETF httpapi draft's statuses: 409 while the first is still running, 422 when the key comes with another request.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.core.errors import BadRequest, Conflict, Invalid, TransactionConflict
from taskapi.core.http.answers import NO_STORE
from taskapi.models import IdempotentAnswer

HEADER = "Idempotency-Key"
_REPLAYED = "Idempotency-Replayed"
_KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_NOT_KEPT = 0  # instead of the status, where the answer may not be stored
_KEPT_HEADERS = ("content-type", "etag", "location")


class MalformedIdempotencyKey(BadRequest):
    """A key is 1 to 255 printable ASCII characters; a fresh UUID makes a good one."""

    code, title = "malformed_idempotency_key", "The Idempotency-Key cannot be used"


class RequestInProgress(Conflict):
    """Wait for the first request with this key; then a repeat gets its answer."""

    code, title = "request_in_progress", "The first request with this key is still running"


class IdempotencyKeyReused(Invalid):
    """A key stands for one request: method, address and body. Make a new one for another request."""

    code, title = "idempotency_key_reused", "This key belongs to another request"


class AnswerNotKept(Conflict):
    """The first request with this key has succeeded, and its answer held a secret that was shown only then."""

    code, title = "answer_not_kept", "The answer to this key was a secret"


class Replayed(Exception):
    """Carries the stored answer past everything that would do the work again."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    caller: str
    key: str
    fingerprint: bytes


_answers = IdempotentAnswer.__table__
_one_row = select(literal(1).label("one")).subquery("one_row")
# The lock tells "running" from "done" without waiting for the other request's commit.
_CLAIM = prepare(
    select(
        func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("lock"), 0)).label("claimed"),
        _answers.c.fingerprint,
        _answers.c.status,
        _answers.c.headers,
        _answers.c.body,
    ).select_from(
        _one_row.outerjoin(
            _answers,
            (_answers.c.caller == bindparam("caller"))
            & (_answers.c.key == bindparam("key"))
            & (_answers.c.created_at > bindparam("since")),
        )
    )
)
_insert = insert(IdempotentAnswer)
_STORE = prepare(
    _insert.on_conflict_do_update(
        index_elements=["caller", "key"],
        set_={name: _insert.excluded[name] for name in ("fingerprint", "status", "headers", "body", "created_at")},
        where=_answers.c.created_at <= bindparam("since"),
    ).returning(literal(1))
)
_SWEEP = prepare(delete(IdempotentAnswer).where(_answers.c.created_at <= bindparam("since")))


def parse(header: str, *, caller: str, method: str, target: str, body: bytes) -> IdempotencyKey:
    if not _KEY.fullmatch(header):
        raise MalformedIdempotencyKey("Idempotency-Key takes 1 to 255 printable ASCII characters")
    fingerprint = hashlib.sha256(b"\0".join((method.encode(), target.encode(), body))).digest()
    return IdempotencyKey(caller, header, fingerprint)


async def claim(session: DbSession, key: IdempotencyKey) -> None:
    """Go on when this request is the first with its key; else raise its stored answer, or why there is none."""
    row = await session.fetch_row(
        _CLAIM, lock=f"{key.caller}\0{key.key}".encode().hex(), caller=key.caller, key=key.key, since=utc_now() - _KEPT
    )
    assert row is not None
    if row["status"] is not None:
        if row["fingerprint"] != key.fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key was used with another request; choose a new one")
        if row["status"] == _NOT_KEPT:
            raise AnswerNotKept("It was done the first time. If you lost the secret, revoke it and make another")
        raise Replayed(Response(row["body"], row["status"], {**row["headers"], _REPLAYED: "true"}))
    if not row["claimed"]:
        raise RequestInProgress("Wait for the first request with this key to end", headers={"Retry-After": "1"})


async def store(session: DbSession, key: IdempotencyKey, response: Response) -> None:
    """Keep the answer for its repeats; of one that says no-store, only that there was one."""
    now = utc_now()
    kept = response.headers.get("cache-control") != NO_STORE
    stored = await session.fetch_row(
        _STORE,
        caller=key.caller,
        key=key.key,
        fingerprint=key.fingerprint,
        status=response.status_code if kept else _NOT_KEPT,
        headers=json.dumps({name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}),
        body=bytes(response.body) if kept else b"",
        created_at=now,
        since=now - _KEPT,
    )
    if stored is None:
        # Committed by another between our look and our lock: roll this one back, and find its answer.
        raise TransactionConflict("The first request with this key has just ended; try again")


async def sweep(session: DbSession) -> None:
    await session.run(_SWEEP, since=utc_now() - _KEPT)
