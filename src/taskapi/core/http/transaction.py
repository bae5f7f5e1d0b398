"""One request, one transaction: run the route, keep its answer for a repeat, commit, and only then let it leave.

FastAPI would run the code after a dependency's `yield` when the answer is ready but unseen by it; the answer has
to be stored with its effect, so the transaction is ended here. A client never holds a 201 for a commit that failed,
and a `Prefer: validate-only` or a replayed key needs nothing from the routes. Nothing here knows FastAPI's routes:
`run` is whatever answers the request.
"""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.responses import Response
from starlette.types import Scope

from taskapi.core import context
from taskapi.core.callers import Caller
from taskapi.core.db.database import write_after_end
from taskapi.core.db.session import DbSession
from taskapi.core.errors import (
    AppError,
    DatabaseUnavailable,
    Forbidden,
    NotFound,
    TookTooLong,
    TransactionConflict,
    Unavailable,
)
from taskapi.core.http import idempotency, preconditions
from taskapi.core.http.idempotency import Repeat, Replayed
from taskapi.core.parts import parts

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ATTEMPTS: Final = 3
_WORTH_REPEATING_SECONDS: Final = 1.0
_SESSION: Final = "taskapi.session"
_ATTEMPT: Final = "taskapi.attempt"
_CLAIM: Final = "taskapi.claim"
_VALIDATE_ONLY: Final = "validate-only"
_OUTCOME_UNKNOWN: Final = (
    "The change may or may not be stored: look before you repeat it, or repeat with an Idempotency-Key"
)


class OutcomeUnknown(Unavailable):
    """The database went away while it was storing: look whether it did, or repeat with the same Idempotency-Key."""

    code, title = "outcome_unknown", "The connection broke while storing"


async def _read_session(request: Request) -> DbSession:
    session = request.scope[_SESSION] = parts(request).database.reader(partial(_reader, request.scope))
    return session


def _reader(scope: Scope) -> str | None:
    """Who is reading. In a repeat nobody, so that it is the primary's: the standby may be what failed."""
    return scope.get(context.CALLER) if scope[_ATTEMPT] == 1 else None


async def _primary_session(request: Request) -> DbSession:
    session = request.scope[_SESSION] = parts(request).database.autocommit()
    return session


async def write_session(request: Request) -> DbSession:
    session = request.scope[_SESSION] = parts(request).database.writer()
    session.on_begin = request.scope.get(_CLAIM)
    return session


ReadSession = Annotated[DbSession, Depends(_read_session)]
# A standby does not know which transactions are still running, and so not where the settled part of the log ends.
PrimarySession = Annotated[DbSession, Depends(_primary_session)]
WriteSession = Annotated[DbSession, Depends(write_session)]


def remember_caller(request: Request, caller: Caller) -> None:
    """Said by whoever found out; an Idempotency-Key belongs to its caller."""
    request.scope[context.CALLER] = str(caller.id)
    request.scope[context.IDENTITY] = caller
    request.scope[context.PROJECTS] = caller.project_ids
    request.scope[context.MEMBER] = None if caller.is_admin else caller.id


async def answer(run: Handler, request: Request) -> Response:
    """What `run` answers, its transaction ended, within the time that a request may take.

    To make the answer, that is: one that is streamed leaves afterwards, for as long as somebody reads it.
    """
    try:
        return await parts(request).deadlines.within(_answer(run, request))
    except TookTooLong as error:
        session: DbSession | None = request.scope[_SESSION]
        if session is not None and session.committing:
            raise OutcomeUnknown(_OUTCOME_UNKNOWN) from error
        raise


async def _answer(run: Handler, request: Request) -> Response:
    """Rolled back by the database, it runs again, up to three times.

    After a lost connection only where a repeat is safe: nobody knows what became of the commit. And only where it was
    lost soon: who has waited for a silent database shall not wait for it three times.
    """
    started = time.monotonic()
    for attempt in range(1, _ATTEMPTS + 1):
        request.scope[_ATTEMPT] = attempt
        try:
            return await _in_one_transaction(run, request)
        except TransactionConflict:
            if attempt == _ATTEMPTS:
                raise
        except DatabaseUnavailable:
            late = time.monotonic() - started > _WORTH_REPEATING_SECONDS and not _read_standby(request)
            if attempt == _ATTEMPTS or late or not _repeatable(request):
                raise
        await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - spreads the repeats
    raise AssertionError


async def _in_one_transaction(run: Handler, request: Request) -> Response:
    scope = request.scope
    scope[_SESSION] = None
    header = request.headers.get("idempotency-key") if request.method not in SAFE_METHODS else None
    try:
        try:
            response = await (run(request) if header is None else _run_once(run, request, header))
        except Replayed as replay:
            return replay.response
        session: DbSession | None = scope[_SESSION]
        if session is None or not session.writes:
            return preconditions.not_modified(request, response)
        if only_validates(request):
            response.headers["Preference-Applied"] = _VALIDATE_ONLY
            return response
        await _commit(session)
        return response
    finally:
        if (session := scope[_SESSION]) is not None:
            await session.close()
            await write_after_end(parts(request).database, session)


async def _run_once(run: Handler, request: Request, header: str) -> Response:
    """The route under an Idempotency-Key: claimed with the transaction's first statement, kept with its last."""
    key: idempotency.IdempotencyKey | None = None
    repeat: Repeat | None = None

    async def claim() -> None:
        nonlocal key, repeat
        wanted = await idempotency.of_request(request, header)
        repeat = await idempotency.claim(request.scope[_SESSION], wanted)
        key = wanted

    request.scope[_CLAIM] = claim
    try:
        response = await run(request)
    except AppError as refusal:
        if repeat is not None:
            if repeat.is_out or isinstance(refusal, Forbidden | NotFound):
                raise
            raise Replayed(repeat.response) from None
        if key is not None and refusal.status < 500:  # noqa: PLR2004 - the client's fault
            # The first request may have ended between our look and our lock. Then we are refused for what it did
            # (the id is taken, the version stale), and its answer is ours.
            await request.scope[_SESSION].rollback()
            await idempotency.claim(request.scope[_SESSION], key)
        raise
    if repeat is not None:  # The route would do it again; nothing of that is committed.
        if repeat.is_out:
            raise NotFound("There is no such thing, or it is not for you to see")
        raise Replayed(repeat.response)
    if key is not None and not only_validates(request):
        await idempotency.store(request.scope[_SESSION], key, response)
    return response


async def _commit(session: DbSession) -> None:
    try:
        await session.commit()
    except DatabaseUnavailable as error:
        if session.committing:
            raise OutcomeUnknown(_OUTCOME_UNKNOWN) from error
        raise


def _read_standby(request: Request) -> bool:
    """Whether the primary has not been asked yet."""
    session: DbSession | None = request.scope[_SESSION]
    return session is not None and session.reads_standby


def only_validates(request: Request) -> bool:
    """Preferences come in any number of headers, in any case, each with its parameters (RFC 7240 §2)."""
    preferences = ",".join(request.headers.getlist("prefer")).lower().split(",")
    return any(preference.partition(";")[0].strip() == _VALIDATE_ONLY for preference in preferences)


def _repeatable(request: Request) -> bool:
    return request.method in SAFE_METHODS or "idempotency-key" in request.headers
