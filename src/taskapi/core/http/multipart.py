"""A form in parts, read while it comes: fields and files in the order they come, and of a file a piece at a time.

python-multipart finds the parts; what it tells is kept as events until somebody asks for the next one, and nothing
more is received before that. So a body is in memory by one message of the server, however long it is.
"""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from taskapi.core.errors import BadRequest, Invalid, MalformedBody, TooLarge, UnsupportedMediaType

MAX_PARTS: Final = 100
MAX_FIELD_BYTES: Final = 64 * 1024
_UNREADABLE: Final = "The parts of the form cannot be told apart"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class File:
    """To be read before the next part is asked for; what of it is not read by then is skipped."""

    name: str
    """Of the field that it is sent as."""
    filename: str
    """As its sender called it."""
    pieces: AsyncIterator[bytes]


def require_multipart(request: Request) -> bytes:
    """The boundary between its parts."""
    if "content-encoding" in request.headers:
        raise UnsupportedMediaType("Send the body without a Content-Encoding")
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise UnsupportedMediaType("Send the body as multipart/form-data with a boundary, and say so in Content-Type")
    return options[b"boundary"]


async def parts_of(request: Request, most_bytes: int) -> AsyncIterator[Field | File]:
    """413 as soon as more than `most_bytes` have come, whatever the request said of its length."""
    reader = _Reader(request, require_multipart(request), most_bytes)
    while (headers := await reader.next_part()) is not None:
        name, filename = _disposition(headers)
        if filename is None:
            yield Field(name, await _text(name, reader))
        else:
            yield File(name, filename, reader.pieces())
            async for _ in reader.pieces():
                pass


class _Reader:
    def __init__(self, request: Request, boundary: bytes, most_bytes: int) -> None:
        self._body = request.stream()
        self._left = self._most = most_bytes
        self._parts = 0
        self._headers: dict[str, str] = {}
        self._header = ["", ""]
        self._events: deque[dict[str, str] | bytes | None] = deque()
        """Headers of a part; then its content; None: its end, and after the last part the end of all."""
        self._has_ended = False
        self._is_between_parts = True
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_begin": self._begin_header,
                    "on_header_field": self._take_name,
                    "on_header_value": self._take_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": lambda: self._events.append(self._headers),
                    "on_part_data": lambda data, start, end: self._events.append(data[start:end]),
                    "on_part_end": lambda: self._events.append(None),
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise MalformedBody("The boundary is too long") from None

    async def next_part(self) -> dict[str, str] | None:
        event = await self._next()
        assert not isinstance(event, bytes)
        return event

    async def pieces(self) -> AsyncIterator[bytes]:
        """What is left of this part."""
        if self._is_between_parts:
            return
        while (event := await self._next()) is not None:
            assert isinstance(event, bytes)
            yield event
        self._is_between_parts = True

    async def _next(self) -> dict[str, str] | bytes | None:
        while not self._events:
            if self._has_ended:
                return None
            await self._receive()
        event = self._events.popleft()
        if isinstance(event, dict):
            self._is_between_parts = False
        return event

    async def _receive(self) -> None:
        try:
            chunk = await anext(self._body, b"")
        except ClientDisconnect:
            raise BadRequest("The connection ended before the body") from None
        if not chunk:
            raise MalformedBody("The body ends before its last boundary")
        self._left -= len(chunk)
        if self._left < 0:
            raise TooLarge(f"All parts together may have {self._most} bytes")
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise MalformedBody(_UNREADABLE) from None

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            detail = f"A form may have {MAX_PARTS} parts"
            raise Invalid(detail, ("", "too_many_parts", detail))
        self._headers = {}

    def _begin_header(self) -> None:
        self._header = ["", ""]

    def _take_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end].decode("latin-1")

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end].decode("utf-8", "replace")

    def _end_header(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]

    def _end(self) -> None:
        self._has_ended = True


def _disposition(headers: dict[str, str]) -> tuple[str, str | None]:
    """The names of the field and, where it is one, of the file. Browsers send both as UTF-8."""
    said = headers.get("content-disposition", "").encode("utf-8", "replace").decode("latin-1")
    kind, options = parse_options_header(said)
    name, filename = options.get(b"name"), options.get(b"filename")
    if kind != b"form-data" or name is None:
        raise MalformedBody("Each part needs a Content-Disposition: form-data with a name")
    return name.decode("utf-8", "replace"), None if filename is None else _unescaped(filename)


def _unescaped(filename: bytes) -> str:
    """Browsers write these three so, and nothing else (WHATWG, multipart/form-data)."""
    text = filename.decode("utf-8", "replace")
    for escaped, meant in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escaped, meant)
    return text


async def _text(name: str, reader: _Reader) -> str:
    value = bytearray()
    async for piece in reader.pieces():
        value += piece
        if len(value) > MAX_FIELD_BYTES:
            raise TooLarge(f"A field that is no file may have {MAX_FIELD_BYTES} bytes")
    try:
        return value.decode()
    except UnicodeDecodeError:
        detail = "This is not UTF-8"
        raise Invalid(detail, (f"/{name}", "not_utf8", detail)) from None
