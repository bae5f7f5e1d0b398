"""uvicorn as we want it: heads of requests have an end, and it leaves without turning anybody away.

All that leans on the inside of uvicorn is in this file; pyproject.toml bounds its version.
"""

import asyncio
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

import taskapi
from taskapi.core.errors import HeadersTooLarge
from taskapi.core.http.problems import render
from taskapi.settings import ServerSettings

_BACKLOG: Final = 2048
_POLL_SECONDS: Final = 0.05
# How long after SIGTERM connections of that moment have to become requests, and to hear that they are to be closed.
_SETTLE_SECONDS: Final = 0.5
_CLOSE: Final = (b"connection", b"close")
# The application refuses less than this, with the request at hand; this is for a head that never ends.
_MAX_HEAD_BYTES: Final = 64 * 1024


class BoundedHttpProtocol(HttpToolsProtocol):
    """A gigabyte of headers would be kept in memory until it is complete, for anybody who sends it."""

    _in_head = True
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > _MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def _refuse(self) -> None:
        error = HeadersTooLarge(f"The head of a request may have {_MAX_HEAD_BYTES} bytes")
        response = render(error, instance="/", request_id="")
        lines = [b"HTTP/1.1 431 Request Header Fields Too Large", b"connection: close"]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()


class DrainingServer(uvicorn.Server):
    """On SIGTERM says so at /health/ready at once, and goes on listening until the requests of that moment have ended.

    uvicorn alone would first close its door: a load balancer that has not looked since then would meet refusals.
    Connections that are kept for more requests are told with their next answer that there will be none.
    """

    def __init__(self, config: uvicorn.Config, parent: int | None = None) -> None:
        """`parent` is a descriptor that becomes readable when there is nobody left to serve for."""
        super().__init__(config)
        self.is_orphan = False
        self._parent = parent

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        # uvicorn's own would raise the signal again at the end: whoever runs us could not tell a good end from a bad.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        if self.config.loaded:
            self.config.loaded_app.state.draining = True

    async def main_loop(self) -> None:
        if self._parent is not None:
            asyncio.get_running_loop().add_reader(self._parent, self._be_orphan)
        await super().main_loop()
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        patience = self.config.timeout_graceful_shutdown or 0
        deadline = time.monotonic() + patience
        await asyncio.sleep(_SETTLE_SECONDS)
        running = set(self.server_state.tasks)
        while running and not self.force_exit and time.monotonic() < deadline:
            _, running = await asyncio.wait(running, timeout=_POLL_SECONDS)
        self.config.timeout_graceful_shutdown = max(1, round(deadline - time.monotonic()))

    def _be_orphan(self) -> None:
        assert self._parent is not None
        asyncio.get_running_loop().remove_reader(self._parent)
        self.is_orphan = True
        self.handle_exit(signal.SIGTERM, None)


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
