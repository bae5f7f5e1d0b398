"""Bodies without end, headers and addresses without measure, and requests that are hardly HTTP."""

import itertools
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message

from tests.adversity.serving import Answer, Service, request
from tests.support.shell import wait_until

MIB = 1024 * 1024
LIMIT = MIB
GIGABYTE = 1024 * MIB
LOGIN, TOKEN = "/api/v1/auth/login", "/api/v1/auth/token"
BLOCK = b"a" * 65_536
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# What each begins with is right, so that only its length is wrong.
JSON = (LOGIN, "application/json", b'{"username": "')
FORM = (TOKEN, "application/x-www-form-urlencoded", b"username=")
MULTIPART = (
    TOKEN,
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\n',
)
FILE = (
    TOKEN,
    "multipart/form-data; boundary=b",
    b'--b\r\nContent-Disposition: form-data; name="username"; filename="f"\r\nContent-Type: text/plain\r\n\r\n',
)
TEXT = (LOGIN, "text/plain", b"")
KINDS = [JSON, FORM, MULTIPART, FILE]
ENDLESS = pytest.mark.parametrize("kind", KINDS, ids=["json", "form", "multipart", "file"])


def blocks(start: bytes) -> Iterator[bytes]:
    yield start or BLOCK
    for _ in range(GIGABYTE // len(BLOCK)):
        yield BLOCK


def send_until_answered(connection: socket.socket, parts: Iterator[bytes]) -> Answer:
    """Like a client that looks up now and then; the server may hang up while we are talking."""
    connection.setblocking(True)
    answered = threading.Event()
    answers: list[Answer] = []

    def listen() -> None:
        answers.append(Answer.read(connection))
        answered.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        for part in parts:
            if answered.is_set():
                break
            connection.sendall(part)
    except (ConnectionResetError, BrokenPipeError):
        pass
    listener.join(20)
    return answers[0]


def read_to_the_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def is_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def endless(service: Service, kind: tuple[str, str, bytes]) -> Answer:
    """A gigabyte in chunks, of a length that nobody stated."""
    path, content_type, start = kind
    head = request("POST", path, f"Content-Type: {content_type}", "Transfer-Encoding: chunked")
    chunks = (b"%x\r\n%b\r\n" % (len(block), block) for block in blocks(start))
    with service.connect() as connection:
        answer = send_until_answered(connection, itertools.chain([head], chunks))
        assert is_closed(connection)
    return answer


def hold_twenty_bodies_at_once(service: Service) -> None:
    """Each as long as one may be. What memory they take the process keeps, and uses again."""
    sent, read_before = 0, service.bytes_read
    with ExitStack() as connections:
        for path, content_type, start in KINDS * 5:
            head = request("POST", path, f"Content-Type: {content_type}", "Transfer-Encoding: chunked")
            body = start + BLOCK * (LIMIT // len(BLOCK) - 1)
            connections.enter_context(service.connect()).sendall(head + b"%x\r\n%b\r\n" % (len(body), body))
            sent += len(body)
        wait_until(lambda: service.bytes_read - read_before >= sent, "the bodies were not read")


@contextmanager
def live_all_along(service: Service) -> Iterator[list[float]]:
    """/health/live is asked until the end of the block; the seconds that each answer took."""
    seconds: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            started = time.monotonic()
            assert service.get("/health/live").status == 200
            seconds.append(time.monotonic() - started)

    probe = threading.Thread(target=ask)
    probe.start()
    try:
        yield seconds
    finally:
        over.set()
        probe.join()


@ENDLESS
def test_a_gigabyte_in_chunks_is_refused_when_it_passes_the_limit(
    service: Service, kind: tuple[str, str, bytes]
) -> None:
    answer = endless(service, kind)
    assert (answer.status, answer.problem()["code"]) == (413, "too_large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("kind", [JSON, FORM, MULTIPART, FILE, TEXT])
def test_a_declared_gigabyte_is_refused_before_it_is_sent(service: Service, kind: tuple[str, str, bytes]) -> None:
    path, content_type, start = kind
    declared = request("POST", path, f"Content-Type: {content_type}", f"Content-Length: {GIGABYTE}")
    with service.connect() as connection:
        connection.sendall(declared + start)
        answer = Answer.read(connection)
        assert (answer.status, answer.problem()["code"]) == (413, "too_large")
        assert is_closed(connection)


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status"),
    [
        ("POST", LOGIN, "text/plain", 415),
        ("POST", TOKEN, "application/json", 415),
        ("POST", "/nowhere", "application/json", 404),
        ("POST", "/health/live", "application/json", 405),
        ("GET", "/health/live", "application/json", 200),
    ],
)
def test_nobody_listens_to_a_body_that_nobody_reads(
    service: Service, method: str, path: str, content_type: str, status: int
) -> None:
    head = request(method, path, f"Content-Type: {content_type}", "Transfer-Encoding: chunked")
    chunks = (b"%x\r\n%b\r\n" % (len(block), block) for block in blocks(b""))
    with service.connect() as connection:
        answer = send_until_answered(connection, itertools.chain([head], chunks))
        assert answer.status == status
        assert is_closed(connection)


@pytest.mark.alone
@only_linux
def test_twenty_gigabytes_at_once_leave_memory_flat_and_the_service_alive(service: Service) -> None:
    hold_twenty_bodies_at_once(service)
    before, read_before = service.resident_kib, service.bytes_read
    answers: list[Answer] = []
    clients = [threading.Thread(target=lambda kind=kind: answers.append(endless(service, kind))) for kind in KINDS * 5]
    with live_all_along(service) as seconds:
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    assert [answer.status for answer in answers] == [413] * 20
    assert service.resident_kib - before <= 8 * 1024
    # A socket is read in steps of up to 256 KiB.
    assert service.bytes_read - read_before <= 20 * (LIMIT + 64 * 1024 + 512 * 1024)
    assert max(seconds) < 2.0


@ENDLESS
async def test_the_application_asks_for_no_more_than_the_limit(app: FastAPI, kind: tuple[str, str, bytes]) -> None:
    path, content_type, start = kind
    taken = 0
    parts = blocks(start)
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal taken
        part = next(parts)
        taken += len(part)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope("POST", path, {"content-type": content_type, "transfer-encoding": "chunked"}), receive, send)
    assert sent[0]["status"] == 413
    assert taken <= LIMIT + len(BLOCK)


def scope(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }


def test_what_follows_a_body_longer_than_declared_is_a_request_of_its_own(service: Service) -> None:
    body = b'{"username": "x", "password": "y"}'
    first = request("POST", LOGIN, "Content-Type: application/json", body=body)
    with service.connect() as connection:
        connection.sendall(first + request("GET", "/health/live", "Connection: close"))
        assert re.findall(rb"HTTP/1\.1 (\d+)", read_to_the_end(connection)) == [b"401", b"200"]
    with service.connect() as connection:
        connection.sendall(first + BLOCK)
        assert Answer.read(connection).status == 400
        assert is_closed(connection)


def test_a_body_shorter_than_declared_hurts_only_its_sender(service: Service) -> None:
    head = request("POST", LOGIN, "Content-Type: application/json", "Content-Length: 1000")
    with service.connect() as connection:
        connection.sendall(head + b'{"username"')
        connection.shutdown(socket.SHUT_WR)
    assert service.get("/health/live").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Content-Length: -1",),
        ("Content-Length: " + "9" * 5000,),
        ("Content-Length: 0x10",),
        ("Transfer-Encoding: gzip, chunked, nonsense",),
    ],
)
def test_contradictory_lengths_are_no_request(service: Service, headers: tuple[str, ...]) -> None:
    assert_refused_as_malformed(service, request("POST", LOGIN, "Content-Type: application/json", *headers) + b"{}")


@pytest.mark.parametrize(
    "sent",
    [
        request("FOO", "/health/live"),
        request("get", "/health/live"),
        request("GET", "/health/live", "no colon in it"),
        b"GET /health/live HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        BLOCK[:100] + b"\r\n\r\n",
    ],
    ids=["method", "lower case", "header", "version", "TLS", "noise"],
)
def test_what_is_hardly_http_is_told_so(service: Service, sent: bytes) -> None:
    assert_refused_as_malformed(service, sent)


def assert_refused_as_malformed(service: Service, sent: bytes) -> None:
    """As a problem, with an id that the log has, too."""
    with service.connect() as connection:
        connection.sendall(sent)
        answer = Answer.read(connection)
        assert is_closed(connection)
    assert (answer.status, answer.problem()["code"]) == (400, "malformed_request")
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["x-request-id"])
    assert answer.problem()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"] in service.log.read_text()


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity"])
def test_compressed_bodies_are_not_unpacked(service: Service, encoding: str) -> None:
    headers = ("Content-Type: application/json", f"Content-Encoding: {encoding}")
    answer = service.ask(request("POST", LOGIN, *headers, body=b"{}"))
    assert (answer.status, answer.problem()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "headers",
    [("X-Long: " + "a" * 17_000,), tuple(f"X-{i}: {'a' * 100}" for i in range(170)), ("Cookie: " + "a=b; " * 4000,)],
)
def test_more_than_16_kib_of_headers_are_refused(service: Service, headers: tuple[str, ...]) -> None:
    answer = service.get("/health/live", *headers)
    assert (answer.status, answer.problem()["code"]) == (431, "headers_too_large")


@only_linux
@pytest.mark.parametrize(
    ("start", "part"),
    [
        (b"GET / HTTP/1.1\r\n", b"X-Long: %b\r\n" % BLOCK[:8000]),
        (b"GET / HTTP/1.1\r\nX-Long: ", BLOCK),
        (b"GET /", BLOCK),
        (request("GET", "/health/live") + b"GET /", BLOCK),
    ],
    ids=["many", "one", "address", "second request"],
)
def test_a_head_without_end_is_cut_off_with_memory_flat(service: Service, start: bytes, part: bytes) -> None:
    before = service.resident_kib
    with service.connect() as connection:
        try:
            connection.sendall(start)
            for _ in range(64 * MIB // len(part)):
                connection.sendall(part)
        except (ConnectionResetError, BrokenPipeError):
            pass
        else:
            pytest.fail("64 MiB were taken")
    assert service.resident_kib - before <= 16 * 1024
    assert service.get("/health/live").status == 200


def test_a_head_beyond_64_kib_is_told_so_before_it_ends(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + BLOCK)
        answer = Answer.read(connection)
        assert (answer.status, answer.problem()["code"]) == (431, "headers_too_large")
        assert is_closed(connection)


def test_a_long_body_is_no_long_head(service: Service) -> None:
    body = b'{"username": "' + b"a" * 500_000 + b'"}'
    for _ in range(2):
        assert service.ask(request("POST", LOGIN, "Content-Type: application/json", body=body)).status == 422


def test_16_kib_of_headers_are_taken(service: Service) -> None:
    assert service.get("/health/live", "X-Long: " + "a" * 16_000).status == 200


@pytest.mark.parametrize("target", ["/health/live?q=" + "a" * 8200, "/" + "a" * 8200, "/api/v1/tasks?" + "q=a&" * 2100])
def test_more_than_8_kib_of_address_are_refused(service: Service, target: str) -> None:
    answer = service.get(target)
    assert (answer.status, answer.problem()["code"]) == (414, "uri_too_long")


@pytest.mark.parametrize("target", ["/docs?q=" + "a" * 8000])
def test_8_kib_of_address_are_taken(service: Service, target: str) -> None:
    assert service.get(target).status == 200
