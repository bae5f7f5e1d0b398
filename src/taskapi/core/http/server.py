"""uvicorn's HTTP protocol with an end to the head of a request: the application sees a head only once it is whole."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from taskapi.core.errors import HeadersTooLarge
from taskapi.core.http.problems import render

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
