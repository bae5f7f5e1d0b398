"""Pure ASGI around everything: request id, security headers, HEAD, access log, CORS, the last catch, and limits.

`BaseHTTPMiddleware` costs 80 µs a layer and leaks the connections of cancelled requests; these cost 1 µs or two.
"""

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskapi.core import context
from taskapi.core.errors import AppError, BadRequest, HeadersTooLarge, InternalError, RequestTimeout, TooLarge
from taskapi.core.http import addresses, refusals, secret_paths
from taskapi.core.http.problems import render
from taskapi.core.observing import logs
from taskapi.core.observing.metrics import Metrics
from taskapi.settings import Settings

log = structlog.stdlib.get_logger("taskapi.access")

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_CLIENT_GONE: Final = 499  # nginx's number for an answer nobody waited for
_MAX_HEADER_BYTES: Final = 16 * 1024
_MAX_TARGET_BYTES: Final = 8 * 1024
_QUIET: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
_CSP: Final = b"content-security-policy"
_CACHE: Final = b"cache-control"
_CORP: Final = b"cross-origin-resource-policy"
_VARY: Final = b"vary"
_RATE_LIMIT: Final = b"ratelimit"
# Who sends a file that is refused reads the answer once it is sent, or never: a connection that is closed with bytes
# unread takes the answer with it. These are thrown away after the answer has left.
_LINGERING_SECONDS: Final = 5.0
_LINGERING_BYTES: Final = 64 * 1024 * 1024
_CLOSE: Final = (b"connection", b"close")
_HANGS_UP: Final = {"Connection": "close"}
_TOO_SLOW: Final = "A body has to come at a kilobyte a second, with pauses of some seconds at most"
_API_CSP: Final = (_CSP, b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
_PRIVATE: Final = (_CACHE, b"private, no-cache")
_FIXED_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (_CORP, b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
)
# By the origin even where no page may read the answer: a cache must not give it to a page that may.
_VARIES_BY: Final = ("Origin", "Authorization")
_VARY_ALWAYS: Final = (_VARY, ", ".join(_VARIES_BY).encode())


class UriTooLong(AppError):
    """Path and query together are too long: filter by less at once."""

    status, code, title = 414, "uri_too_long", "The address is too long"


class UnknownHost(BadRequest):
    """The `Host` header names none of those that this service is set to answer to."""

    code, title = "unknown_host", "This service does not answer to that host name"


class Envelope:
    """The outermost layer: whatever happens inside, an answer leaves with its id and headers, and is logged."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self.proxies = settings.security.trusted_proxies
        self.has_warned = False
        self.headers = list(_FIXED_HEADERS)
        if (settings.server.public_url or "").startswith("https://"):
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._shake_hands(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        token = context.request_id.set(request_id)
        started = time.perf_counter()
        self.metrics.in_progress.inc()
        status = 0
        head = scope["method"] == "HEAD"
        if head:
            scope = {
                **scope,
                "method": "GET",
                context.HEAD_ALONE: True,
            }  # a copy: the server, too, goes by the method, and expects no body
        self._find_client(scope)

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._complete(scope, message["headers"], request_id)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, send_enveloped)
        finally:
            self.metrics.in_progress.dec()
            self._record(scope, status, time.perf_counter() - started, request_id)
            context.request_id.reset(token)

    async def _shake_hands(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket's answer to its handshake has the headers of any other; what follows is the socket's own."""
        request_id = _request_id(scope["headers"])
        token = context.request_id.set(request_id)
        self._find_client(scope)

        async def send_enveloped(message: Message) -> None:
            if message["type"] == "websocket.http.response.start":
                message["headers"] = self._complete(scope, message["headers"], request_id)
            elif message["type"] == "websocket.accept":
                told = [(b"x-request-id", request_id.encode()), *scope.get(context.RATE_LIMIT_HEADERS, ())]
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        try:
            await self.app(scope, receive, send_enveloped)
        finally:
            context.request_id.reset(token)

    def _find_client(self, scope: Scope) -> None:
        """Whoever a trusted proxy speaks for. Behind any other proxy may be anybody, also where it is local."""
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        client = scope.get("client")
        if not forwarded or not client:
            return
        if addresses.is_within(client[0], self.proxies):
            said = b",".join(forwarded).decode("latin-1")
            scope["client"] = addresses.behind_proxies(client, said, self.proxies)
            return
        scope[context.FORWARDED] = True
        if not self.has_warned:
            self.has_warned = True
            log.warning(
                "proxy.not_trusted",
                peer=client[0],
                hint="X-Forwarded-For is not believed: name the proxy's network in TASKAPI_TRUSTED_PROXIES",
            )

    def _complete(
        self, scope: Scope, headers: Iterable[tuple[bytes, bytes]], request_id: str
    ) -> list[tuple[bytes, bytes]]:
        names = {name for name, _ in headers}
        # An answer that pages of others may show says so itself.
        fixed = self.headers if _CORP not in names else [header for header in self.headers if header[0] != _CORP]
        complete = [*headers, (b"x-request-id", request_id.encode()), *fixed]
        if _RATE_LIMIT not in names:  # else the answer names the limit that refused it
            complete += scope.get(context.RATE_LIMIT_HEADERS, ())
        if _VARY in names:
            complete = _with_one_vary(complete)
        else:
            complete.append(_VARY_ALWAYS)
        if _CSP not in names:
            complete.append(_API_CSP)
        if _CACHE not in names:
            complete.append(_PRIVATE)
        return complete

    def _record(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        status = status or _CLIENT_GONE
        route = scope.get("route")
        self.metrics.observe(scope["method"], getattr(route, "path_format", "unmatched"), status, seconds)
        if scope["path"] in _QUIET:
            return
        client = scope.get("client")
        fields = {
            "method": scope["method"],
            "path": secret_paths.shown(scope["path"]),
            "status": status,
            "ms": round(seconds * 1000, 2),
            "client": client[0] if client else None,
            "user_id": scope.get(context.CALLER),
        }
        logs.access_log.tell(fields, request_id)


class CrossOrigin(CORSMiddleware):
    """Starlette's, for the pages of these origins alone; all others get what they would get without it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and Headers(scope=scope).get("origin") in self.allow_origins:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """The browser compares what it means to send with the headers of this; a 400 would have to be a problem."""
        answer = super().preflight_response(request_headers)
        answer.status_code = 200
        return answer


class LastCatch:
    """Makes a 500 of whatever nobody expected; within CORS, so that the page that asked may read it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception:
            if scope["type"] != "http":
                raise
            log.exception("unhandled", method=scope["method"], path=secret_paths.shown(scope["path"]))
            if started:
                raise  # bytes have left; the server can only cut the connection
            error = InternalError("The failure is logged under this request id; tell the operator")
            request_id = context.request_id.get() or ""
            await render(error, instance=scope["path"], request_id=request_id)(scope, receive, send)


class RequestLimits:
    """Refuses what is too large before anything reads it, and counts bodies as they come, whatever they claim.

    `streams` tells for which requests it leaves the counting to their route, which takes files.
    """

    def __init__(self, app: ASGIApp, settings: Settings, streams: Callable[[Scope], bool] = lambda _: False) -> None:
        self.app = app
        self.streams = streams
        self.max_body = settings.server.max_body_bytes
        self.too_large = f"A body may have {self.max_body} bytes"
        self.hosts = {host.lower() for host in settings.security.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        length, error = self._inspect(scope)
        if error is not None:
            await _refuse(error, scope, receive, send)
            return
        if length == 0 or scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        received, more = 0, length is None
        limit = self.max_body
        if (length is None or length > limit) and self.streams(scope):
            limit, more = sys.maxsize, True

        async def receive_counted() -> Message:
            nonlocal received, more
            message = await receive()
            if scope.get(context.TOO_SLOW):
                raise RequestTimeout(_TOO_SLOW, headers=_HANGS_UP)
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLarge(self.too_large)
            return message

        async def send_last(message: Message) -> None:
            if more and (length is None or limit != self.max_body) and message["type"] == "http.response.start":
                # Nobody reads the rest of a body without end; the server would receive it for as long as it comes.
                message["headers"] = [*message["headers"], _CLOSE]
            lingers = more and limit != self.max_body
            await (_send_and_linger(message, receive_counted, send) if lingers else send(message))

        await self.app(scope, receive_counted, send_last)

    def _inspect(self, scope: Scope) -> tuple[int | None, AppError | None]:
        """The length the body claims (0: none will come; None: unknown), and why the request is refused."""
        total = 0
        length: int | None = 0
        host = b""
        for name, value in scope["headers"]:
            total += len(name) + len(value)
            if name == b"content-length":
                length = int(value) if value.isdigit() else None
            elif name == b"transfer-encoding":
                length = None
            elif name == b"host":
                host = value
        if total > _MAX_HEADER_BYTES:
            return None, HeadersTooLarge(f"Send at most {_MAX_HEADER_BYTES} bytes of headers")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _MAX_TARGET_BYTES:
            return None, UriTooLong(f"Send at most {_MAX_TARGET_BYTES} bytes of path and query")
        if self.hosts and host.decode("latin-1").rsplit(":", 1)[0].lower() not in self.hosts:
            return None, UnknownHost("Use one of the names in ALLOWED_HOSTS")
        if length is not None and length > self.max_body and not self.streams(scope):
            return None, TooLarge(self.too_large)
        return length, None


async def _send_and_linger(message: Message, receive: Receive, send: Send) -> None:
    if message["type"] == "http.response.body" and not message.get("more_body", False):
        await send({**message, "more_body": True})
        await _linger(receive)
        message = {"type": "http.response.body", "body": b""}
    await send(message)


async def _linger(receive: Receive) -> None:
    left = _LINGERING_BYTES
    with suppress(TimeoutError, AppError):
        async with asyncio.timeout(_LINGERING_SECONDS):
            while left > 0 and (message := await receive()).get("more_body", False):
                left -= len(message["body"])


async def _refuse(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    error.headers.update(_HANGS_UP)  # a body may still be on its way: closing is cheaper than reading it
    await refusals.refuse(error, scope, receive, send)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode()
    return context.new_request_id()


def _with_one_vary(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    said = [part.strip() for name, value in headers if name == _VARY for part in value.decode("latin-1").split(",")]
    every = ", ".join(dict.fromkeys([*said, *_VARIES_BY]))
    return [*(header for header in headers if header[0] != _VARY), (_VARY, every.encode("latin-1"))]
