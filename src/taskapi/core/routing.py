"""One request, one transaction: run the route, keep its answer for a repeat, commit, and only then let it leave.

FastAPI would run the code after a dependency's `yield` when the answer is ready but unseen by it; the answer has
to be stored with its effect, so the route itself ends the transaction. A client never holds a 201 for a commit
that failed, and a `Prefer: validate-only` or a replayed key needs nothing from the routes.
"""

import asyncio
import copy
import email.message
import inspect
import json
import random
import re
from collections.abc import Awaitable, Callable, Coroutine
from itertools import takewhile
from typing import Annotated, Any, Final

import pydantic_core
from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.responses import Response

from taskapi.core import context, idempotency, preconditions
from taskapi.core.callers import Caller
from taskapi.core.db import Database, DbSession, settle
from taskapi.core.errors import (
    AppError,
    DatabaseUnavailable,
    TransactionConflict,
    Unavailable,
    UnsupportedMediaType,
)
from taskapi.core.permissions import Resource, Scope

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_ATTEMPTS: Final = 3
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_DEPTH: Final = 64
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_JSON: Final = ("application/json",)
_MERGE_PATCH: Final = ("application/json", "application/merge-patch+json")  # RFC 7396
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_SESSION: Final = "taskapi.session"
_CLAIM: Final = "taskapi.claim"
_ANSWERS: Final = "taskapi.answers"
_REQUEST: Final = "request_of_the_route"
_VALIDATE_ONLY: Final = "validate-only"


class OutcomeUnknown(Unavailable):
    """The database went away while it was storing: look whether it did, or repeat with the same Idempotency-Key."""

    code, title = "outcome_unknown", "The connection broke while storing"


def database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


async def _read_session(request: Request) -> DbSession:
    session = request.scope[_SESSION] = database(request).reader()
    return session


async def _write_session(request: Request) -> DbSession:
    session = request.scope[_SESSION] = database(request).writer()
    session.on_begin = request.scope.get(_CLAIM)
    return session


def writes(dependant: Dependant) -> bool:
    """Whether a route asks for a writing session, and so takes what is said of every write."""
    return any(dependency.call is _write_session for dependency in dependant.dependencies)


class ChecksScope:
    """A mark on the dependency that stops API tokens without the scope of the route."""


def checks_scope(dependant: Dependant) -> bool:
    if isinstance(getattr(dependant, "call", None), ChecksScope):
        return True
    return any(checks_scope(dependency) for dependency in dependant.dependencies)


ReadSession = Annotated[DbSession, Depends(_read_session)]
WriteSession = Annotated[DbSession, Depends(_write_session)]


def remember_caller(request: Request, caller: Caller) -> None:
    """Said by whoever found out; an Idempotency-Key belongs to its caller."""
    request.scope[context.CALLER] = str(caller.id)
    if caller.token_id is not None:
        request.scope[context.TOKEN] = str(caller.token_id)


class JsonRequest(Request):
    """Parses JSON strictly and fast: no NaN, no lone surrogates, no more than 64 levels."""

    async def json(self) -> Any:  # noqa: ANN401
        body = await self.body()
        try:
            parsed = pydantic_core.from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        # Only now: the parser stops at 200 levels at once, and vouches for the strings, which are cut out below.
        if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(body):
            raise json.JSONDecodeError(f"nested more than {MAX_DEPTH} levels deep", "", 0)
        return parsed


class Route(APIRoute):
    resource: Resource | None = None

    @property
    def scope(self) -> Scope | None:
        """What an API token needs for this route; None: it does not open to API tokens at all."""
        if self.resource is None:
            return None
        verb = "read" if _SAFE_METHODS.issuperset(self.methods or ()) else "write"
        return Scope(f"{self.resource}:{verb}")

    def get_route_handler(self) -> Handler:
        # With a body the framework's order counts: what cannot be read is a 400 before anybody is asked who he is.
        run = super().get_route_handler() if self.body_field is not None else self._without_ceremony()

        async def handle(request: Request) -> Response:
            if self.body_field is not None:
                _require_content_type(request, form=isinstance(self.body_field.field_info, Form))
                request = JsonRequest(request.scope, request.receive)
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return await _in_one_transaction(run, request)
                except TransactionConflict:
                    if attempt == _ATTEMPTS:
                        raise
                except DatabaseUnavailable:
                    if attempt == _ATTEMPTS or not _repeatable(request):
                        raise
                await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - spreads the repeats
            raise AssertionError

        return handle

    def _without_ceremony(self) -> Handler:
        """Ask the dependencies that take nothing but the request ourselves.

        FastAPI spends 10 µs on each (parameters, cookies, scopes, cache), a fifth of a small read. It goes on with a
        copy of its plan that leaves them out; the plan itself stays as it is, for the OpenAPI document.
        """
        declared = self.dependant
        # Up to the first that takes more: who asks is still asked before what is asked for.
        leading = takewhile(_takes_the_request_alone, declared.dependencies)
        simple = {dependency.name: dependency.call for dependency in leading if dependency.call is not None}
        plan = copy.copy(declared)
        plan.dependencies = [d for d in declared.dependencies if d.name not in simple]
        plan.request_param_name = declared.request_param_name or _REQUEST
        plan.call = _with_answers(declared)
        self.dependant = plan
        try:
            run = super().get_route_handler()
        finally:
            self.dependant = declared

        async def ask_and_run(request: Request) -> Response:
            request.scope[_ANSWERS] = {name: await ask(request) for name, ask in simple.items()}
            return await run(request)

        return ask_and_run


def _takes_the_request_alone(dependency: Dependant) -> bool:
    """And is no generator, which would want its second half run as well."""
    parameters = (dependency.path_params, dependency.query_params, dependency.header_params, dependency.cookie_params)
    call = dependency.call
    return (
        dependency.request_param_name == "request"
        and not (dependency.dependencies or dependency.body_params or any(parameters))
        and (inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None)))  # noqa: B004
    )


def _with_answers(declared: Dependant) -> Callable[..., Awaitable[Response]]:
    """The endpoint, given what its simple dependencies answered."""
    endpoint = declared.call
    assert endpoint is not None

    async def call(**values: Any) -> Response:  # noqa: ANN401 - the endpoint's own
        request = values[_REQUEST] if declared.request_param_name is None else values[declared.request_param_name]
        if declared.request_param_name is None:
            del values[_REQUEST]
        response: Response = await endpoint(**values, **request.scope[_ANSWERS])
        return response

    return call


async def _in_one_transaction(run: Handler, request: Request) -> Response:
    scope = request.scope
    scope[_SESSION] = None
    header = request.headers.get("idempotency-key") if request.method not in _SAFE_METHODS else None
    try:
        try:
            response = await (run(request) if header is None else _run_once(run, request, header))
        except idempotency.Replayed as replay:
            return replay.response
        session: DbSession | None = scope[_SESSION]
        if session is None or not session.writes:
            return preconditions.not_modified(request, response)
        if _only_validates(request):
            response.headers["Preference-Applied"] = _VALIDATE_ONLY
            return response
        await _commit(session)
        return response
    finally:
        if (session := scope[_SESSION]) is not None:
            await session.close()
            if session.regardless:
                await settle(database(request), session)


async def _run_once(run: Handler, request: Request, header: str) -> Response:
    """The route under an Idempotency-Key: claimed with the transaction's first statement, kept with its last."""
    key: idempotency.IdempotencyKey | None = None

    async def claim() -> None:
        nonlocal key
        wanted = idempotency.parse(
            header,
            # An API token may see less than its owner: it gets none of the answers the owner got.
            caller=request.scope.get(context.TOKEN) or request.scope.get(context.CALLER, "anonymous"),
            method=request.method,
            target=f"{request.url.path}?{request.url.query}",
            body=await request.body(),
        )
        await idempotency.claim(request.scope[_SESSION], wanted)
        key = wanted

    request.scope[_CLAIM] = claim
    try:
        response = await run(request)
    except AppError as refusal:
        if key is not None and refusal.status < 500:  # noqa: PLR2004 - the client's fault
            # The first request may have ended between our look and our lock. Then we are refused for what it did
            # (the id is taken, the version stale), and its answer is ours.
            await request.scope[_SESSION].rollback()
            await idempotency.claim(request.scope[_SESSION], key)
        raise
    if key is not None and not _only_validates(request):
        await idempotency.store(request.scope[_SESSION], key, response)
    return response


async def _commit(session: DbSession) -> None:
    try:
        await session.commit()
    except DatabaseUnavailable as error:
        if session.committing:
            raise OutcomeUnknown(
                "The change may or may not be stored: look before you repeat it, or repeat with an Idempotency-Key"
            ) from error
        raise


def _only_validates(request: Request) -> bool:
    """Preferences come in any number of headers, in any case, each with its parameters (RFC 7240 §2)."""
    preferences = ",".join(request.headers.getlist("prefer")).lower().split(",")
    return any(preference.partition(";")[0].strip() == _VALIDATE_ONLY for preference in preferences)


def _repeatable(request: Request) -> bool:
    return request.method in _SAFE_METHODS or "idempotency-key" in request.headers


def _require_content_type(request: Request, *, form: bool) -> None:
    if "content-encoding" in request.headers:
        raise UnsupportedMediaType("Send the body without a Content-Encoding")
    found = request.headers.get("content-type", "")
    accepted = _FORMS if form else _MERGE_PATCH if request.method == "PATCH" else _JSON
    if found in accepted:
        return
    message = email.message.Message()
    message["content-type"] = found or "none/none"
    if message.get_content_type() not in accepted:
        raise UnsupportedMediaType(f"Send the body as {' or '.join(accepted)}, and say so in Content-Type")


def _is_too_deep(body: bytes) -> bool:
    """Whether the brackets of this valid JSON nest deeper than allowed; each pass removes the innermost level."""
    skeleton = _STRINGS.sub(b"", body).translate(_SQUARE, delete=_ALL_BUT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not skeleton:
            return False
        skeleton = skeleton.replace(b"[]", b"")
    return bool(skeleton)


def _operation_id(route: APIRoute) -> str:
    return route.name


def router(prefix: str, tag: str, *, resource: Resource | None = None) -> APIRouter:
    """API tokens need a scope of `resource` here, to read for GET, else to write; without it, only sessions get in."""

    class RouteOfResource(Route):
        pass

    RouteOfResource.resource = resource
    # Its routes go into the application as they are, past the application's own way of naming operations.
    return APIRouter(prefix=prefix, tags=[tag], route_class=RouteOfResource, generate_unique_id_function=_operation_id)
