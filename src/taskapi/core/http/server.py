"""uvicorn as we want it: with connections that have an end, and a gentle way to leave.

All that leans on the inside of uvicorn is in this file and in protocol.py; pyproject.toml bounds its version.
"""

import asyncio
import select
import signal
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeGuard

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

import taskapi
from taskapi.core.http.door import Door
from taskapi.core.http.protocol import PATIENCE, PatientProtocol, PatientSocket, watch
from taskapi.settings import Settings

_BACKLOG: Final = 2048
_POLL_SECONDS: Final = 0.05
# How long after SIGTERM connections of that moment have to become requests, and to hear that they are to be closed.
_SETTLE_SECONDS: Final = 0.5
# How long those who came last have, once the door is closed, to become requests.
_LAST_SECONDS: Final = 0.2
# So often a turn of the loop may pass until what stands in a socket is read; one is enough unless reading is paused.
_LOOKS: Final = 20
# Of a WebSocket's client, who has nothing longer to say than a token.
_MAX_MESSAGE_BYTES: Final = 64 * 1024
_CLOSE: Final = (b"connection", b"close")


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

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        watch(self.server_state.connections)

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
        await self._close_idle()
        await super().shutdown(sockets)

    async def _close_idle(self) -> None:
        """All but those in whose socket a request stands that the loop has not read yet: that is answered first.

        A connection that is closed with bytes unread is reset, and no load balancer sends a POST elsewhere then.
        """
        for _ in range(_LOOKS):
            idle = [one for one in self.server_state.connections if _is_idle(one)]
            asking = _with_something_to_read(idle)
            for connection in idle:
                if connection not in asking:
                    connection.shutdown()
            if not asking:
                return
            await asyncio.sleep(0)

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


def _is_idle(connection: object) -> TypeGuard[HttpToolsProtocol]:
    """A WebSocket is never: it is told why it ends."""
    if not isinstance(connection, HttpToolsProtocol):
        return False
    return connection.cycle is None or connection.cycle.response_complete  # type: ignore[redundant-expr] # it is None at first


def _with_something_to_read(connections: Iterable[HttpToolsProtocol]) -> set[HttpToolsProtocol]:
    looking, by_descriptor = select.poll(), {}
    for connection in connections:
        descriptor: int = connection.transport.get_extra_info("socket").fileno()
        if descriptor >= 0:
            looking.register(descriptor, select.POLLIN)
            by_descriptor[descriptor] = connection
    return {by_descriptor[descriptor] for descriptor, _ in looking.poll(0)}


def _accepted(listeners: Iterable[socket.socket]) -> list[socket.socket]:
    """Everybody whose connection the kernel has made, and who was not let in yet."""
    found: list[socket.socket] = []
    for listener in listeners:
        with suppress(OSError):  # nobody is left, or no descriptor is
            while True:
                found.append(listener.accept()[0])
    return found


def configuration(app: Any, settings: Settings, *, reload: bool = False) -> uvicorn.Config:  # noqa: ANN401 - an application, or where to import it from
    door = Door(settings.server.max_connections_per_address, settings.security.trusted_proxies)
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        reload=reload,
        reload_dirs=[str(Path(taskapi.__file__).parent)] if reload else None,
        loop="uvloop",
        http=partial(PatientProtocol, door),  # type: ignore[arg-type] # it is called, and no more
        ws=PatientSocket,
        ws_max_size=_MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # a compressor for each socket takes more memory than all the rest of it
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.server.shutdown_seconds,
        timeout_keep_alive=PATIENCE.idle,
    )
