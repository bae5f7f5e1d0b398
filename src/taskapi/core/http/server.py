"""uvicorn's HTTP protocol, whose own refusals are problems: of what is hardly HTTP, and of a head without end."""

from http import HTTPStatus
from typing import Final

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from taskapi.core import context
from taskapi.core.errors import AppError, BadRequest, HeadersTooLarge
from taskapi.core.http.problems import render

log = structlog.stdlib.get_logger("taskapi.server")

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
