"""Pure ASGI around everything: request id, limits, security headers, HEAD, access log, and the last catch.

`BaseHTTPMiddleware` costs 80 µs a layer and leaks the connections of cancelled requests; these cost 1 µs or two.
"""

import ipaddress
import os
import re
import time
from collections.abc import Iterable
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskapi.core import context
from taskapi.core.errors import AppError, BadRequest, HeadersTooLarge, InternalError, TooLarge, render
from taskapi.core.metrics import Metrics
from taskapi.settings import Network, Settings

log = structlog.stdlib.get_logger("taskapi.access")

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_CLIENT_GONE: Final = 499  # nginx's number for an answer nobody waited for
_MAX_HEADER_BYTES: Final = 16 * 1024
_MAX_TARGET_BYTES: Final = 8 * 1024
_QUIET: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
_CSP: Final = b"content-security-policy"
_CACHE: Final = b"cache-control"
_CLOSE: Final = (b"connection", b"close")
_API_CSP: Final = (_CSP, b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
_PRIVATE: Final = (_CACHE, b"private, no-cache")
_FIXED_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
    (b"vary", b"Origin, Authorization"),
)


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
        self.headers = list(_FIXED_HEADERS)
        if (settings.server.public_url or "").startswith("https://"):
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            scope = {**scope, "method": "GET"}  # a copy: the server, too, goes by the method, and expects no body
        if self.proxies:
            scope["client"] = _behind_proxies(scope, self.proxies)

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._complete(message["headers"], request_id)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, send_enveloped)
        except Exception:
            log.exception("unhandled", method=scope["method"], path=scope["path"])
            if status:
                raise  # bytes have left; the server can only cut the connection
            error = InternalError("The failure is logged under this request id; tell the operator")
            await render(error, instance=scope["path"], request_id=request_id)(scope, receive, send_enveloped)
        finally:
            self.metrics.in_progress.dec()
            self._record(scope, status, time.perf_counter() - started)
            context.request_id.reset(token)

    def _complete(self, headers: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        complete = [*headers, (b"x-request-id", request_id.encode()), *self.headers]
        names = {name for name, _ in headers}
        if _CSP not in names:
            complete.append(_API_CSP)
        if _CACHE not in names:
            complete.append(_PRIVATE)
        return complete

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        status = status or _CLIENT_GONE
        route = scope.get("route")
        self.metrics.observe(scope["method"], getattr(route, "path", "unmatched"), status, seconds)
        if scope["path"] in _QUIET:
            return
        client = scope.get("client")
        log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            ms=round(seconds * 1000, 2),
            client=client[0] if client else None,
            user_id=scope.get(context.CALLER),
        )


class Limits:
    """Refuses what is too large before anything reads it, and counts bodies as they come, whatever they claim."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.max_body = settings.server.max_body_bytes
        self.too_large = f"A body may have {self.max_body} bytes"
        self.hosts = {host.lower() for host in settings.security.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length, error = self._inspect(scope)
        if error is not None:
            await _refuse(error, scope, receive, send)
            return
        if length == 0:
            await self.app(scope, receive, send)
            return
        received, more = 0, length is None

        async def receive_counted() -> Message:
            nonlocal received, more
            message = await receive()
            more = message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > self.max_body:
                raise TooLarge(self.too_large)
            return message

        async def send_last(message: Message) -> None:
            if more and length is None and message["type"] == "http.response.start":
                # Nobody reads the rest of a body without end; the server would receive it for as long as it comes.
                message["headers"] = [*message["headers"], _CLOSE]
            await send(message)

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
        if length is not None and length > self.max_body:
            return None, TooLarge(self.too_large)
        return length, None


async def _refuse(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    error.headers["Connection"] = "close"  # a body may still be on its way: closing is cheaper than reading it
    request_id = context.request_id.get() or ""
    await render(error, instance=scope["path"], request_id=request_id)(scope, receive, send)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return value.decode()
    return os.urandom(12).hex()


def _behind_proxies(scope: Scope, proxies: list[Network]) -> tuple[str, int] | Any:  # noqa: ANN401
    """The right-most address of X-Forwarded-For that no trusted proxy speaks for; what is left of it is hearsay."""
    client = scope.get("client")
    if not client or not _trusted(client[0], proxies):
        return client
    forwarded = ",".join(v.decode("latin-1") for n, v in scope["headers"] if n == b"x-forwarded-for")
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_address(hop):
            return client
        client = (hop, 0)
        if not _trusted(hop, proxies):
            break
    return client


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _trusted(address: str, proxies: list[Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in proxies)
