"""Forms in parts, read while they come: the same however they are cut, and bounded in all that can be long."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request

from taskapi.core.errors import AppError, BadRequest, Invalid, MalformedBody, TooLarge, UnsupportedMediaType
from taskapi.core.http.multipart import MAX_FIELD_BYTES, MAX_PARTS, Field, File, parts_of

BOUNDARY = "b0undary"
CONTENT = b"\r\n--b0undar\r\n\r\n--b0undar" * 50 + bytes(range(256))  # nearly its own end, again and again


def part(head: str, content: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


WHOLE = (
    part('name="format"', b"csv")
    + part('name="file"; filename="a.bin"', CONTENT)
    + part('name="last"', "ä".encode())
    + f"--{BOUNDARY}--\r\n".encode()
)


def request(body: bytes, step: int = 64 * 1024, kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> Request:
    chunks = [body[start : start + step] for start in range(0, len(body), step)]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": chunks.pop(0) if chunks else b"", "more_body": bool(chunks)}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)


async def told(asked: Request, most: int = 1 << 20, *, reads: bool = True) -> list[Any]:
    """Fields and files, each as a tuple."""
    found: list[Any] = []
    async for got in parts_of(asked, most):
        if isinstance(got, Field):
            found.append((got.name, got.value))
        else:
            content = b"".join([piece async for piece in got.pieces]) if reads else None
            found.append((got.name, got.filename, content))
    return found


@pytest.mark.parametrize("step", [1, 2, 7, 64, 1000, 64 * 1024])
async def test_parts_come_in_order_however_the_body_is_cut(step: int) -> None:
    assert await told(request(WHOLE, step)) == [("format", "csv"), ("file", "a.bin", CONTENT), ("last", "ä")]


async def test_a_file_that_nobody_reads_is_skipped() -> None:
    assert await told(request(WHOLE, 7), reads=False) == [("format", "csv"), ("file", "a.bin", None), ("last", "ä")]


async def test_a_file_that_is_read_in_part_is_skipped_from_there() -> None:
    names = []
    async for got in parts_of(request(WHOLE, 100), 1 << 20):
        if isinstance(got, File):
            assert await anext(got.pieces)
        names.append(got.name)
    assert names == ["format", "file", "last"]


async def test_nothing_more_is_received_than_is_asked_for() -> None:
    body = part('name="file"; filename="a"', b"x" * 1_000_000)
    received = 0

    async def receive() -> dict[str, Any]:
        nonlocal received
        received += 1000
        return {"type": "http.request", "body": body[received - 1000 : received], "more_body": True}

    head = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
    async for got in parts_of(Request({"type": "http", "method": "POST", "headers": head}, receive), 1 << 30):
        assert isinstance(got, File)
        await anext(got.pieces)
        break
    assert received <= 2000


async def test_the_limit_is_counted_while_it_comes() -> None:
    asked = request(part('name="file"; filename="a"', b"x" * 100_000), 1000)
    with pytest.raises(TooLarge):
        await told(asked, 10_000)
    left = 0
    while (message := await asked.receive())["more_body"]:
        left += len(message["body"])
    assert left > 80_000


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", MalformedBody),
        (b"nothing of the kind", MalformedBody),
        (WHOLE[:-20], MalformedBody),
        (part("nameless", b"") + b"--b0undary--", MalformedBody),
        (b"--b0undary\r\n\r\nx\r\n--b0undary--", MalformedBody),
        (b"--b0undary\r\nContent-Disposition: form-data; name=" + b"a" * 100_000, MalformedBody),
        (b"--b0undary\r\n" + b"X-A: b\r\n" * 1000, MalformedBody),
        (part('name="a"', b"x" * (MAX_FIELD_BYTES + 1)), TooLarge),
        (part('name="a"', b"\xff") + b"--b0undary--", Invalid),
        (part('name="a"', b"") * (MAX_PARTS + 1), Invalid),
    ],
    ids=[
        *("empty", "no form", "cut off", "no name", "no disposition", "long header", "many headers"),
        *("long field", "not utf8", "many parts"),
    ],
)
async def test_what_is_no_form_or_too_much_is_refused(body: bytes, error: type[AppError]) -> None:
    with pytest.raises(error):
        await told(request(body))


@pytest.mark.parametrize(
    "kind",
    ["application/json", "multipart/form-data", "multipart/mixed; boundary=a", "", "multipart/form-data;boundary="],
)
async def test_another_type_is_refused(kind: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        await told(request(WHOLE, kind=kind))


async def test_a_connection_that_ends_is_told(once: Callable[[], Request]) -> None:
    with pytest.raises(BadRequest, match="ended before"):
        await told(once())


@pytest.fixture
def once() -> Callable[[], Request]:
    def made() -> Request:
        messages: list[dict[str, Any]] = [{"type": "http.request", "body": WHOLE[:100], "more_body": True}]

        async def receive() -> dict[str, Any]:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        head = [(b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
        return Request({"type": "http", "method": "POST", "headers": head}, receive)

    return made


@pytest.mark.parametrize(
    ("head", "filename"),
    [
        ('name="f"; filename="Ärger \U0001f600.png"', "Ärger \U0001f600.png"),
        ('name="f"; filename=""', ""),
        ('name="f"; filename="a\\"b.txt"', 'a"b.txt'),
        ('name="f"; filename="..\\\\x/../etc/passwd"', "..\\x/../etc/passwd"),
    ],
)
async def test_a_name_is_told_as_it_was_sent(head: str, filename: str) -> None:
    [(name, got, content)] = await told(request(part(head, b"x") + b"--b0undary--"))
    assert (name, got, content) == ("f", filename, b"x")
