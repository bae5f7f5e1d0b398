"""Who takes their time: heads, bodies and answers have an end, and nobody else waits for them meanwhile."""

import json
import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from taskapi.core.deadlines import REQUEST_SECONDS
from taskapi.core.http.protocol import PATIENCE
from tests.adversity.serving import Answer, Service, request, serve
from tests.adversity.test_framing import LOGIN, is_closed, live_all_along, only_linux, read_to_the_end
from tests.support.shell import wait_until

IMPATIENT = {"look": 0.1, "head": 1.0, "idle": 3, "body": 1.0, "body_most": 2.0, "answer": 2.0}
HALF_A_HEAD = b"GET /health/live HTTP/1.1\r\nX-Slow: "
BODY_TO_COME = request("POST", LOGIN, "Content-Type: application/json", "Content-Length: 5000")
DRIP_SECONDS = 0.2


def test_the_deadlines_are_those_that_the_documentation_promises() -> None:
    promised = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text()
    for seconds in (PATIENCE.head, PATIENCE.idle, PATIENCE.body, PATIENCE.body_most, PATIENCE.answer, REQUEST_SECONDS):
        assert f"| {seconds:g} s" in promised
    assert (PATIENCE.look, PATIENCE.head, PATIENCE.idle, PATIENCE.body, PATIENCE.answer) == (1, 10, 75, 5, 30)
    assert REQUEST_SECONDS == 30


@pytest.fixture(scope="module")
def impatient(service_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    program = ("tests.support.impatient", json.dumps({"patience": IMPATIENT}))
    folder = tmp_path_factory.mktemp("impatient")
    with serve(service_database, folder, program, TASKAPI_RATE_LIMIT="off") as served:
        yield served


def drip(connections: list[socket.socket], *, byte: bytes = b"a") -> None:
    """A byte on each, now and then, until all are closed."""
    deadline = time.monotonic() + 30
    open_ones = list(connections)
    while open_ones:
        assert time.monotonic() < deadline, f"{len(open_ones)} are still open"
        for connection in list(open_ones):
            try:
                connection.sendall(byte)
            except OSError:
                open_ones.remove(connection)
        time.sleep(DRIP_SECONDS)


def received(connection: socket.socket) -> bytes:
    """What came before the end, as far as a reset leaves it to be read."""
    try:
        return read_to_the_end(connection)
    except ConnectionResetError:
        return b""


def assert_told_to_be_quicker(connection: socket.socket) -> None:
    answer = Answer.read(connection)
    assert (answer.status, answer.problem()["code"]) == (408, "request_timeout")
    assert answer.headers["connection"] == "close"
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["x-request-id"])
    assert is_closed(connection)


def test_a_head_that_does_not_end_is_told_so(impatient: Service) -> None:
    with impatient.connect() as connection:
        connection.sendall(HALF_A_HEAD)
        assert_told_to_be_quicker(connection)


def test_the_head_of_a_further_request_has_an_end_too(impatient: Service) -> None:
    with impatient.connect() as connection:
        connection.sendall(request("GET", "/health/live"))
        assert Answer.read(connection).status == 200
        connection.sendall(HALF_A_HEAD)
        assert_told_to_be_quicker(connection)


@pytest.mark.parametrize("before", [b"", request("GET", "/health/live")], ids=["new", "kept"])
def test_who_says_nothing_is_hung_up_on_without_a_word(impatient: Service, before: bytes) -> None:
    """Browsers connect before they have a question."""
    with impatient.connect() as connection:
        connection.sendall(before)
        if before:
            assert Answer.read(connection).status == 200
        assert read_to_the_end(connection) == b""


def test_empty_lines_are_no_requests_that_keep_a_connection(impatient: Service) -> None:
    with impatient.connect() as connection:
        connection.sendall(request("GET", "/health/live"))
        assert Answer.read(connection).status == 200
        drip([connection], byte=b"\r\n")


def test_a_body_that_does_not_come_is_told_so(impatient: Service) -> None:
    with impatient.connect() as connection:
        connection.sendall(BODY_TO_COME)
        assert_told_to_be_quicker(connection)


def test_a_body_that_began_well_may_not_stop(impatient: Service) -> None:
    head = request("POST", LOGIN, "Content-Type: application/json", "Content-Length: 1000000")
    with impatient.connect() as connection:
        connection.sendall(head + b'{"username": "' + b"a" * 900_000)
        assert_told_to_be_quicker(connection)


@pytest.mark.parametrize(("target", "status"), [("/nowhere", 404), (LOGIN, 415)])
def test_a_body_that_nobody_waits_for_has_an_end_all_the_same(impatient: Service, target: str, status: int) -> None:
    with impatient.connect() as connection:
        connection.sendall(request("POST", target, "Content-Length: 5000"))
        assert Answer.read(connection).status == status
        drip([connection])


def test_who_was_not_asked_for_the_body_yet_is_not_late(impatient: Service) -> None:
    """`Expect: 100-continue`: the body comes when it is asked for, and no sooner."""
    body = b'{"username": "x", "password": "y"}'
    head = ("Content-Type: application/json", "Expect: 100-continue", f"Content-Length: {len(body)}")
    with impatient.connect() as connection:
        connection.sendall(request("POST", LOGIN, *head))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert Answer.read(connection).status == 401


@pytest.mark.alone
def test_slow_heads_and_bodies_hold_up_nobody_and_are_all_closed(impatient: Service) -> None:
    with ExitStack() as held, live_all_along(impatient) as seconds:
        heads = [held.enter_context(impatient.connect()) for _ in range(100)]
        bodies = [held.enter_context(impatient.connect()) for _ in range(100)]
        for connection in heads:
            connection.sendall(HALF_A_HEAD)
        for connection in bodies:
            connection.sendall(BODY_TO_COME + b"{")
        drip([*heads, *bodies])
    assert len(seconds) > 10
    assert max(seconds) < 2.0


def pipeline(service: Service, target: str, count: int, *, room: int = 4096) -> socket.socket:
    """So many requests at once, by a client that has room for so many bytes of the answers, and reads none."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", service.port))
    connection.sendall(request("GET", target) * (count - 1) + request("GET", target, "Connection: close"))
    return connection


@only_linux
def test_answers_that_nobody_reads_are_given_up_and_their_memory_with_them(impatient: Service) -> None:
    impatient.get("/openapi.json")
    before = impatient.resident_kib
    with ExitStack() as held:
        connections = [held.enter_context(pipeline(impatient, "/openapi.json", 100)) for _ in range(10)]
        poller = select.poll()
        for connection in connections:
            poller.register(connection, 0)  # errors alone: what there is to be read stays unread
        ended: set[int] = set()
        deadline = time.monotonic() + 30
        while len(ended) < len(connections):
            assert time.monotonic() < deadline, f"{len(ended)} of {len(connections)} were given up"
            for descriptor, _ in poller.poll(100):
                ended.add(descriptor)
                poller.unregister(descriptor)
        assert impatient.log.read_text().count("http.unread") >= len(connections)
    wait_until(lambda: impatient.resident_kib - before <= 16 * 1024, "the memory was not given back")
    assert impatient.get("/health/live").status == 200


def test_who_reads_slowly_gets_all_of_it(impatient: Service) -> None:
    """For much longer than nobody reading may take. A small room would be filled at the pace of the system's timers."""
    with pipeline(impatient, "/openapi.json", 50, room=64 * 1024) as connection:
        started, size = time.monotonic(), 0
        while time.monotonic() - started < 2 * IMPATIENT["answer"]:
            size += len(connection.recv(16 * 1024))
            time.sleep(0.02)
        size += len(read_to_the_end(connection))
    assert size > 50 * len(impatient.get("/openapi.json").body)
