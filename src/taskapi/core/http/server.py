"""uvicorn as we want it: what is hardly HTTP is refused with a problem, heads have an end, and it leaves gently.

All that leans on the inside of uvicorn is in this file; pyproject.toml bounds its version.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

import taskapi
from taskapi.core import context
from taskapi.core.errors import AppError, BadRequest, HeadersTooLarge
from taskapi.core.http.problems import render
from taskapi.settings import ServerSettings

log = structlog.stdlib.get_logger("taskapi.server")

_BACKLOG: Final = 2048
_POLL_SECONDS: Final = 0.05
# How long after SIGTERM connections of that moment have to become requests, and to hear that they are to be closed.
_SETTLE_SECONDS: Final = 0.5
# How long those who came last have, once the door is closed, to become requests.
_LAST_SECONDS: Final = 0.2
_CLOSE: Final = (b"connection", b"close")
# The application refuses less than this, with the request at hand; this is for a head that never ends.
_MAX_HEAD_BYTES: Final = 64 * 1024
_HEADERS: Final = (
    (b"connection", b"close"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


class MalformedRequest(BadRequest):
    """What came is no HTTP: a method that nobody knows, two lengths that contradict each other, a broken header."""

    code, title = "malformed_request", "This is not HTTP"


class BoundedHttpProtocol(HttpToolsProtocol):
    """The application sees a head only once it is whole; a gigabyte of headers would be kept in memory until then."""

    _in_head = True
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > _MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HeadersTooLarge(f"The head of a request may have {_MAX_HEAD_BYTES} bytes"))

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence says less
        """Called by uvicorn for what its parser does not take."""
        self._refuse(MalformedRequest("Method, address, headers or length cannot be read: compare them with RFC 9112"))

    def _refuse(self, error: AppError) -> None:
        request_id = context.new_request_id()
        client = self.client[0] if self.client else None
        log.warning("http.refused", code=error.code, request_id=request_id, client=client)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or not cycle.response_started or cycle.response_complete:
            self.transport.write(_answer(error, request_id))
        # Else an answer is half written, and anything more would be read as its rest.
        self.transport.close()


def _answer(error: AppError, request_id: str) -> bytes:
    response = render(error, instance="/", request_id=request_id)
    start = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}".encode()
    headers = (*_HEADERS, (b"x-request-id", request_id.encode()), *response.raw_headers)
    return b"\r\n".join([start, *(name + b": " + value for name, value in headers), b"", bytes(response.body)])


class DrainingServer(uvicorn.Server):
    """On SIGTERM says so at /health/ready at once, and goes on listening until load balancers have had time to look.

    uvicorn alone would first close its door: a load balancer that has not looked since then would meet refusals.
    Connections that are kept for more requests are told with their next answer that there will be none. Who comes
    within `drain_seconds` is served; then those who have begun get `timeout_graceful_shutdown` to end.
    """

    def __init__(self, config: uvicorn.Config, drain_seconds: float = 0, parent: int | None = None) -> None:
        """`parent` is a descriptor that becomes readable when there is nobody left to serve for."""
        super().__init__(config)
        self.is_orphan = False
        self._drain_seconds = drain_seconds
        self._parent = parent

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        # uvicorn's own would raise the signal again at the end: whoever runs us could not tell a good end from a bad.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        if self.config.loaded:
            self.config.loaded_app.state.parts.leaving.set()

    async def main_loop(self) -> None:
        if self._parent is not None:
            asyncio.get_running_loop().add_reader(self._parent, self._be_orphan)
        await super().main_loop()
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        await self._keep_the_door_open()
        patience = self.config.timeout_graceful_shutdown or 0
        deadline = time.monotonic() + patience
        running = set(self.server_state.tasks)
        while running and not self.force_exit and time.monotonic() < deadline:
            _, running = await asyncio.wait(running, timeout=_POLL_SECONDS)
        self.config.timeout_graceful_shutdown = max(1, round(deadline - time.monotonic()))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door behind those who stand before it already: the kernel would reset their connections."""
        last = _accepted(sockets or [])
        for server in self.servers:
            server.close()
        for connection in last:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        await asyncio.sleep(_LAST_SECONDS)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        """As uvicorn makes it for whoever comes by the door."""
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    async def _keep_the_door_open(self) -> None:
        """Unless Ctrl-C is pressed again, or nobody is left to serve for."""
        began = time.monotonic()
        while not self.force_exit:
            seconds = _SETTLE_SECONDS if self.is_orphan else max(self._drain_seconds, _SETTLE_SECONDS)
            if time.monotonic() - began >= seconds:
                return
            await asyncio.sleep(_POLL_SECONDS)

    def _be_orphan(self) -> None:
        assert self._parent is not None
        asyncio.get_running_loop().remove_reader(self._parent)
        self.is_orphan = True
        self.handle_exit(signal.SIGTERM, None)


def _accepted(listeners: Iterable[socket.socket]) -> list[socket.socket]:
    """Everybody whose connection the kernel has made, and who was not let in yet."""
    found: list[socket.socket] = []
    for listener in listeners:
        with suppress(OSError):  # nobody is left, or no descriptor is
            while True:
                found.append(listener.accept()[0])
    return found


def configuration(app: Any, settings: ServerSettings, *, reload: bool = False) -> uvicorn.Config:  # noqa: ANN401 - an application, or where to import it from
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        reload=reload,
        reload_dirs=[str(Path(taskapi.__file__).parent)] if reload else None,
        loop="uvloop",
        http=BoundedHttpProtocol,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
