"""Idempotency-Key: the effect and the answer to it are stored in one transaction, so a repeat gets that answer.

The IETF httpapi draft's statuses: 409 while the first is still running, 422 when the key comes with another request.

A key belongs to the user, whatever credential carries it: a client that makes itself a new token between a try and
its repeat must not do the work twice. Keys without a user belong to the address they come from, on one route, so
that nobody can take those that others will use.

The same request is the same method, route, parameters and parsed body: blanks and the order of members say nothing.
A project's key and its id are two addresses all the same: to know that they mean one thing costs a look into the
database before the claim, and the 422 that a client gets for the other one makes nothing twice.

A repeat gets the answer of then, unless the caller may not do it any more: where their role in one of its projects is
another now than it was afterwards, the route is asked again, without effect, and its 403 or 404 is the answer.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, ScalarSelect, Uuid, any_, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from starlette.requests import Request
from starlette.responses import Response

from taskapi.core import context
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare
from taskapi.core.errors import BadRequest, Conflict, Forbidden, Invalid, TransactionConflict
from taskapi.core.http.addresses import network_of
from taskapi.core.http.answers import NO_STORE
from taskapi.core.http.query import pairs
from taskapi.models import IdempotentAnswer, Member

HEADER = "Idempotency-Key"
_REPLAYED = "Idempotency-Replayed"
_KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_ID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
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
    project_ids: frozenset[UUID] | None = None
    """The only projects that the credential opens; None: all of the caller's."""
    member_id: UUID | None = None
    """Whose memberships decide what the answer may tell; None: nobody's, or an administrator asks, who sees all."""


class _Claim(TypedDict):
    claimed: bool
    fingerprint: bytes | None
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None
    project_ids: list[UUID] | None
    roles: list[str] | None
    roles_now: list[str] | None
    """Of the caller in these; fewer where they are no member of one."""


_answers = IdempotentAnswer.__table__


def _roles(project_ids: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Of the one whose memberships count, by the project's id."""
    return (
        select(func.array_agg(aggregate_order_by(Member.role, Member.project_id)))
        .where(Member.user_id == bindparam("member_id", type_=Uuid), Member.project_id == any_(project_ids))
        .scalar_subquery()
    )


_one_row = select(literal(1).label("one")).subquery("one_row")
# The lock tells "running" from "done" without waiting for the other request's commit.
_CLAIM = prepare(
    select(
        func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("lock"), 0)).label("claimed"),
        _answers.c.fingerprint,
        _answers.c.status,
        _answers.c.headers,
        _answers.c.body,
        _answers.c.project_ids,
        _answers.c.roles,
        _roles(_answers.c.project_ids).correlate(_answers).label("roles_now"),
    ).select_from(
        _one_row.outerjoin(
            _answers,
            (_answers.c.caller == bindparam("caller"))
            & (_answers.c.key == bindparam("key"))
            & (_answers.c.created_at > bindparam("since")),
        )
    ),
    row=_Claim,
)
_STORED = ("fingerprint", "status", "headers", "body", "project_ids", "roles", "user_id", "created_at")
_KEY_COLUMNS = ("caller", "key")
_insert = insert(IdempotentAnswer)
_STORE = prepare(
    _insert.values(
        {name: bindparam(name) for name in (*_KEY_COLUMNS, *_STORED) if name != "roles"}
        | {"roles": _roles(bindparam("project_ids", type_=ARRAY(Uuid)))}
    )
    .on_conflict_do_update(
        index_elements=["caller", "key"],
        set_={name: _insert.excluded[name] for name in _STORED},
        where=_answers.c.created_at <= bindparam("since"),
    )
    .returning(literal(1)),
    row=One[int],
)
_SWEEP = prepare(delete(IdempotentAnswer).where(_answers.c.created_at <= bindparam("since")))


async def of_request(request: Request, header: str) -> IdempotencyKey:
    """The key that a request carries, once its caller is known."""
    if not _KEY.fullmatch(header):
        raise MalformedIdempotencyKey("Idempotency-Key takes 1 to 255 printable ASCII characters")
    scope = request.scope
    route = str(getattr(scope.get("route"), "path", scope["path"]))
    caller = scope.get(context.CALLER)
    if caller is None:
        caller = f"{network_of(request.client.host if request.client else None)} {request.method} {route}"
    meant = [request.method, route, _parameters(scope["path_params"]), sorted(pairs(request)), await _body(request)]
    fingerprint = hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).digest()
    return IdempotencyKey(caller, header, fingerprint, scope.get(context.PROJECTS), scope.get(context.MEMBER))


def _parameters(given: Mapping[str, str]) -> dict[str, str]:
    """Those of the path; an id is the same in any case."""
    return {name: text.lower() if _ID.fullmatch(text) else text for name, text in given.items()}


async def _body(request: Request) -> object:
    """Parsed; no body says what an empty object says."""
    return await request.json() if await request.body() else {}


@dataclass(frozen=True, slots=True)
class Repeat:
    """An answer was kept, but its caller's rights have changed since: the route has to be asked again."""

    response: Response
    is_out: bool
    """Whether the caller is in all of its projects no more, so that it is not theirs whatever the route says."""


async def claim(session: DbSession, key: IdempotencyKey) -> Repeat | None:
    """Go on when this request is the first with its key; else raise its stored answer, or why there is none."""
    row = await session.only_row(
        _CLAIM,
        lock=f"{key.caller}\0{key.key}".encode().hex(),
        caller=key.caller,
        key=key.key,
        member_id=key.member_id,
        since=utc_now() - _KEPT,
    )
    if row["status"] is not None:
        if row["fingerprint"] != key.fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key was used with another request; choose a new one")
        _require_reach(key, row["project_ids"])
        if row["status"] == _NOT_KEPT:
            raise AnswerNotKept("It was done the first time. If you lost the secret, revoke it and make another")
        response = Response(row["body"], row["status"], {**(row["headers"] or {}), _REPLAYED: "true"})
        # An answer without a body tells nothing but that it was done.
        if row["body"] and key.member_id is not None and row["roles"] != row["roles_now"]:
            return Repeat(response, is_out=len(row["roles_now"] or ()) < len(row["project_ids"] or ()))
        raise Replayed(response)
    if not row["claimed"]:
        raise RequestInProgress("Wait for the first request with this key to end", headers={"Retry-After": "1"})
    return None


def _require_reach(key: IdempotencyKey, project_ids: list[UUID] | None) -> None:
    """An API token for some projects gets no answer about others. Its scope was asked for already, with the route."""
    if key.project_ids is not None and not (project_ids and key.project_ids.issuperset(project_ids)):
        raise Forbidden("The answer to this key is about what this API token does not open; repeat it as you sent it")


async def store(session: DbSession, key: IdempotencyKey, response: Response) -> None:
    """Keep the answer for its repeats; of one that says no-store, only that there was one."""
    now = utc_now()
    kept = response.headers.get("cache-control") != NO_STORE
    stored = await session.fetch_value(
        _STORE,
        caller=key.caller,
        key=key.key,
        fingerprint=key.fingerprint,
        status=response.status_code if kept else _NOT_KEPT,
        headers=json.dumps({name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}),
        body=bytes(response.body) if kept else b"",
        member_id=key.member_id,
        project_ids=list(session.projects or key.project_ids or ()) or None,
        user_id=next(iter(session.people), None),
        created_at=now,
        since=now - _KEPT,
    )
    if stored is None:
        # Committed by another between our look and our lock: roll this one back, and find its answer.
        raise TransactionConflict("The first request with this key has just ended; try again")


async def sweep(session: DbSession) -> None:
    await session.run(_SWEEP, since=utc_now() - _KEPT)
