"""Every failure, wherever it was raised, becomes one of ours and leaves as a problem."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from taskapi.core import context
from taskapi.core.errors import (
    MAX_FAULTS,
    AppError,
    BadRequest,
    Invalid,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    WritesRefused,
)
from taskapi.core.http import told_refusals
from taskapi.core.http.answers import NO_STORE
from taskapi.core.http.idempotency import IdempotencyKeyReused
from taskapi.core.http.pointers import pointer
from taskapi.core.http.problems import render
from taskapi.core.observing.seldom import Seldom

log = structlog.stdlib.get_logger("taskapi.errors")
_seldom = Seldom()
_BY_STATUS: dict[int, type[AppError]] = {400: BadRequest, 404: NotFound, 413: TooLarge}


# A key that was used belongs to a request under the new name, where whoever repeats it is sent once more.
_WHERE_IT_WAS = (NotFound, IdempotencyKeyReused)


def install(app: FastAPI, address_of_today: Callable[[Request], Awaitable[str | None]]) -> None:
    """`address_of_today` says where to look instead for what is found no more under a name that it had."""

    async def app_error(request: Request, error: Exception) -> Response:
        if isinstance(error, _WHERE_IT_WAS) and (location := await address_of_today(request)) is not None:
            # Not to be kept: who may not see it any more shall not be sent there by a cache.
            return Response(status_code=308, headers={"Location": location, "Cache-Control": NO_STORE})
        return await _app_error(request, error)

    app.add_exception_handler(AppError, _told(app_error))
    app.add_exception_handler(RequestValidationError, _told(_validation_error))
    app.add_exception_handler(HTTPException, _told(_framework_error))


def _told(handler: Callable[[Request, Exception], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """A failure that has been told is let go, with the frames it came through.

    They hold the body of the request, and refer to each other in a circle that only the collector of garbage would
    find: twenty refused bodies of a mebibyte stayed in memory until it came by.
    """

    async def tell(request: Request, error: Exception) -> Response:
        response = await handler(request, error)
        cause: BaseException | None = error
        while cause is not None:
            cause.__traceback__ = None
            cause = cause.__cause__ or cause.__context__
        return response

    return tell


def respond(request: Request, error: AppError) -> Response:
    return render(error, instance=request.url.path, request_id=context.request_id.get() or "")


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if isinstance(error, WritesRefused):
        if (times := _seldom.times(error.code)) is not None:
            log.error(error.code, detail=error.detail, times=times)
    elif error.status >= 500:  # noqa: PLR2004 - the server's own
        log.warning(error.code, detail=error.detail, cause=repr(error.__cause__))
    # The transaction of the request has ended by now, and its connection is given back.
    await told_refusals.tell(request, error)
    return respond(request, error)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if faults and faults[0]["type"] == "json_invalid":
        return respond(request, MalformedBody(f"The body is not valid JSON: {faults[0]['ctx']['error']}"))
    return respond(request, invalid(faults, error.body))


async def _framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, AppError):
        # FastAPI takes whatever stops the reading of a body for a fault of the body, even a body without end.
        return respond(request, error.__cause__)
    if error.status_code == 405:  # noqa: PLR2004 - HTTP's own number
        allow = ", ".join(_allowed_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allow})
        return respond(request, MethodNotAllowed(f"Use one of {allow} here", headers={"Allow": allow}))
    detail = _nothing_here(request) if error.status_code == 404 else str(error.detail)  # noqa: PLR2004
    return respond(request, _BY_STATUS.get(error.status_code, AppError)(detail, headers=error.headers))


def invalid(faults: Sequence[Any], body: object = None) -> Invalid:
    """pydantic's complaints about a body as faults; the input itself is never repeated: it may be a password."""
    count = "One field is" if len(faults) == 1 else f"{len(faults)} fields are"
    where = "see errors" if len(faults) <= MAX_FAULTS else f"errors names the first {MAX_FAULTS}"
    return Invalid(
        f"{count} not valid; {where}",
        *((_pointer(fault, body), fault["type"], _sentence(fault)) for fault in faults[:MAX_FAULTS]),
    )


def _sentence(fault: dict[str, Any]) -> str:
    """Without the input: pydantic tells which character of an id is wrong, and which tag is none of a union's."""
    message, context = str(fault["msg"]), fault.get("ctx", {})
    if fault["type"] == "value_error":  # one of ours: "Value error, <sentence>"
        return message.removeprefix("Value error, ")
    if "expected_tags" in context:
        return f"must be one of {context['expected_tags']}"
    return message.partition(", ")[0] if "error" in context else message


def _pointer(fault: dict[str, Any], body: object) -> str:
    """Into the body; what is elsewhere says where."""
    location: tuple[int | str, ...] = fault["loc"]
    if location[:1] != ("body",):
        return pointer(location)
    # What is missing is named by the last step, which leads nowhere.
    end = -1 if fault["type"] == "missing" and len(location) > 1 else len(location)
    return pointer([*_without_tags(location[1:end], body), *location[end:]])


def _without_tags(location: Sequence[int | str], body: object) -> Iterator[int | str]:
    """As it was sent: pydantic also names the member of a union that it took, which is no step into the body."""
    for step in location:
        if isinstance(body, dict):
            if step not in body:
                continue
            body = body[step]
        else:
            body = body[step] if isinstance(body, list) and isinstance(step, int) else None
        yield step


def _nothing_here(request: Request) -> str:
    """A redirect would be followed by a client that then sends a POST as a GET, so the address is only told."""
    path = request.scope["path"]
    if path.endswith("/") and any(True for _ in _routes_at(request, path.rstrip("/"))):
        return "There is nothing at this address, but there is without the slash at its end"
    return "There is nothing at this address"


def _allowed_methods(request: Request) -> list[str]:
    """All methods of an address: the framework names those of the first route that matched it."""
    methods = {"OPTIONS"}
    for route in _routes_at(request, request.scope["path"]):
        # What is mounted are files, to be read.
        methods |= (route.methods or set()) if isinstance(route, Route) else {"GET"}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _routes_at(request: Request, path: str) -> Iterator[BaseRoute]:
    # As the application saw it, before what is mounted took its prefix off.
    root = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    scope = {**request.scope, "path": path, "root_path": root}
    return (route for route in request.app.routes if route.matches(scope)[0] != Match.NONE)
