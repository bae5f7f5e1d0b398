"""Connections, as uvicorn's parser sees them: what is hardly HTTP is refused, and nobody keeps one for nothing.

Heads and bodies have an end in time and size, and an answer that nobody reads is given up. One timer a second looks
at all connections; a timer for each request would cost every one of them what is paid here by the slow alone.
"""

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from taskapi.core import context
from taskapi.core.errors import AppError, BadRequest, HeadersTooLarge, RequestTimeout
from taskapi.core.http.door import Door
from taskapi.core.http.problems import render
from taskapi.core.secrets import memory

log = structlog.stdlib.get_logger("taskapi.server")

# The application refuses less than this, with the request at hand; this is for a head that never ends.
_MAX_HEAD_BYTES: Final = 64 * 1024
# Three hundred that are refused in one go, each with a problem and a line in the log, would hold the loop for 0.2 s.
_AT_ONCE: Final = 20
_RESET: Final = struct.pack("ii", 1, 0)
_HEADERS: Final = (
    (b"connection", b"close"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, measured by a look at every connection each `look` of them."""

    look: float = 1.0
    head: float = 10.0
    """From the connection, or from the first byte of a further request, to the end of its head."""
    idle: int = 75
    """Between requests: longer than nginx and Caddy keep theirs, so that it is they who close."""
    body: float = 5.0
    """For a body to begin. Each `body_rate` bytes then buy a second, and a stall may last as long as was saved."""
    body_most: float = 20.0
    """How much time can be saved: who sends quickly at first may not stay for an hour after that."""
    body_rate: int = 1024
    answer: float = 30.0
    """For at least `answer_bytes` of what is waiting to be read."""
    answer_bytes: int = 30 * 1024


PATIENCE = Patience()


class MalformedRequest(BadRequest):
    """What came is no HTTP: a method that nobody knows, two lengths that contradict each other, a broken header."""

    code, title = "malformed_request", "This is not HTTP"


class PatientProtocol(HttpToolsProtocol):
    """The application sees a head only once it is whole; a gigabyte of headers would be kept in memory until then.

    A request costs no look at the clock: it leaves `_since` empty, and the next look of the timer fills it in.
    """

    _place: str | None = None
    _in_head = True
    _in_body = False
    _head_bytes = 0
    _body_bytes = 0
    _since: float | None = None
    """When the timer first saw what is being waited for."""
    _saved = 0.0
    _is_told = False
    _unread = 0
    _unread_since = 0.0
    _drained = False

    def __init__(self, door: Door, **named: Any) -> None:  # noqa: ANN401 - what uvicorn gives its own
        super().__init__(**named)
        self._door = door

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        super().connection_made(transport)
        self._place = self._door.enter(self.client[0] if self.client else None, len(self.connections))
        if self._place is None:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._leave()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > _MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HeadersTooLarge(f"The head of a request may have {_MAX_HEAD_BYTES} bytes"))

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes, self._since = True, 0, None
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body, self._body_bytes, self._since = False, True, 0, None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def resume_writing(self) -> None:
        self._drained = True
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence says less
        """Called by uvicorn for what its parser does not take."""
        self._refuse(MalformedRequest("Method, address, headers or length cannot be read: compare them with RFC 9112"))

    def look(self, now: float) -> bool:
        """Called once in a while, to end what has taken too long. Whether that was an answer, with all its memory."""
        if self._is_unread(now):
            self._give_up()
            return True
        if not self.transport.is_closing():
            self._look_at_request(now)
        return False

    def _look_at_request(self, now: float) -> None:
        if self._keeps_waiting():
            self._since = None
        elif self._in_body:
            self._look_at_body(now)
        elif self._in_head:
            self._look_at_head(now)
        elif self.timeout_keep_alive_task is None:
            # An empty line: it begins no request, and has ended the pause between two.
            self._in_head, self._head_bytes, self._since = True, 0, now

    def _give_up(self) -> None:
        log.warning("http.unread", client=self.client[0] if self.client else None, bytes=self._unread)
        # Closed in the usual way, the system would keep megabytes of the answer for a reader who may still come.
        self._socket().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def _keeps_waiting(self) -> bool:
        """Whether it is we who have to do something before anything of theirs is missed."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            return False
        is_answering = not cycle.response_complete and not self._in_body
        return is_answering or cycle.waiting_for_100_continue or self.flow.read_paused

    def _is_unread(self, now: float) -> bool:
        waiting = self.transport.get_write_buffer_size()
        unread = waiting + self._held_by_system() if waiting else 0
        if not unread or not self._unread or self._drained or unread <= self._unread - PATIENCE.answer_bytes:
            self._unread, self._unread_since, self._drained = unread, now, False
        return now - self._unread_since > PATIENCE.answer

    def _held_by_system(self) -> int:
        """It takes megabytes off us, and then none until a third is read: for some a minute, in which all is well."""
        try:
            return int.from_bytes(fcntl.ioctl(self._socket().fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        except OSError:  # not every system tells
            return 0

    def _socket(self) -> socket.socket:
        found: socket.socket = self.transport.get_extra_info("socket")
        return found

    def _look_at_head(self, now: float) -> None:
        if self._since is None:
            self._since = now
        elif now - self._since <= PATIENCE.head:
            pass
        elif self._head_bytes:
            self._refuse(RequestTimeout(f"The head of a request has to be here within {PATIENCE.head:g} seconds"))
        else:
            self.transport.close()  # browsers connect for what may come, and would take a problem for an answer

    def _look_at_body(self, now: float) -> None:
        if self._since is None:
            self._since, self._saved, self._body_bytes, self._is_told = now, PATIENCE.body, 0, False
            return
        earned = self._body_bytes / PATIENCE.body_rate
        self._saved = min(self._saved - (now - self._since) + earned, PATIENCE.body_most)
        self._since, self._body_bytes = now, 0
        if self._saved < 0:
            self._end_body()

    def _end_body(self) -> None:
        """Whoever reads the body refuses the request; where nobody does, or it was answered long ago, we hang up."""
        if self.cycle.response_started or self._is_told:
            self.transport.close()
            return
        self._is_told = True
        self.cycle.scope[context.TOO_SLOW] = True  # type: ignore[typeddict-unknown-key] # ours
        self.cycle.message_event.set()

    def _leave(self) -> None:
        if self._place:
            self._door.leave(self._place)
        self._place = None

    def _refuse(self, error: AppError) -> None:
        request_id = context.new_request_id()
        client = self.client[0] if self.client else None
        log.warning("http.refused", code=error.code, request_id=request_id, client=client)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or not cycle.response_started or cycle.response_complete:
            self.transport.write(_answer(error, request_id))
        # Else an answer is half written, and anything more would be read as its rest.
        self.transport.close()


class PatientSocket(WebSocketsSansIOProtocol):
    """A WebSocket of which nothing is left some seconds after the application is done with it.

    To close one waits until all that was written is read, and who is closed for not reading would stay for ever.
    """

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(PATIENCE.head, self.transport.abort)


def watch(connections: Collection[object]) -> None:
    """Look at these, as they come and go, for as long as the loop runs."""
    loop = asyncio.get_running_loop()

    gave_up = False

    def begin() -> None:
        nonlocal gave_up
        loop.call_later(PATIENCE.look, begin)
        if gave_up:  # what those answers took is free by now, and the allocator would keep it
            loop.run_in_executor(None, memory.return_to_system)
            gave_up = False
        go_on(iter(tuple(connections)))

    def go_on(rest: Iterator[object]) -> None:
        nonlocal gave_up
        some = tuple(islice(rest, _AT_ONCE))
        for connection in some:
            if isinstance(connection, PatientProtocol) and connection in connections:
                gave_up |= connection.look(loop.time())
        if some:
            loop.call_soon(go_on, rest)

    begin()


def _answer(error: AppError, request_id: str) -> bytes:
    response = render(error, instance="/", request_id=request_id)
    start = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}".encode()
    headers = (*_HEADERS, (b"x-request-id", request_id.encode()), *response.raw_headers)
    return b"\r\n".join([start, *(name + b": " + value for name, value in headers), b"", bytes(response.body)])
