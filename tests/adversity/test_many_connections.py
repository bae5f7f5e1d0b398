"""Connections without number: they are taken as far as they fit, and those who are there already notice nothing."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from taskapi.cli.open_files import raise_limit
from tests.adversity.serving import Answer, Service, request, serve
from tests.adversity.test_framing import LOGIN, only_linux
from tests.support.shell import wait_until

IDLE = 1100
SOFT, HARD = 1024, 8192
FEW = 256
MOST = 20
ASKED = request("POST", LOGIN, "Content-Type: application/json", body=b'{"username": "nobody", "password": "x"}')


@contextmanager
def serve_with_files(database_url: str, folder: Path, soft: int, hard: int) -> Iterator[Service]:
    program = ("tests.support.impatient", json.dumps({"files": [soft, hard]}))
    with serve(database_url, folder, program, TASKAPI_RATE_LIMIT="off") as served:
        yield served


def connected(service: Service, held: ExitStack, count: int) -> list[socket.socket]:
    raise_limit()
    return [held.enter_context(service.connect()) for _ in range(count)]


def is_served(connection: socket.socket) -> bool:
    try:
        connection.sendall(request("GET", "/health/live"))
        return Answer.read(connection).status == 200
    except OSError:
        return False


def refusals(service: Service) -> list[str]:
    return [line for line in service.log.read_text().splitlines() if "connections.refused" in line]


def open_files(service: Service) -> int:
    return len(list(Path(f"/proc/{service.process.pid}/fd").iterdir()))


@only_linux
def test_idle_connections_beyond_the_soft_limit_of_files_hold_up_nobody(service_database: str, tmp_path: Path) -> None:
    with serve_with_files(service_database, tmp_path, SOFT, HARD) as service, ExitStack() as held:
        limits = Path(f"/proc/{service.process.pid}/limits").read_text()
        assert re.search(rf"Max open files\s+{HARD}\s+{HARD}", limits)
        idle = connected(service, held, IDLE)
        wait_until(lambda: open_files(service) > IDLE, "they were not taken")
        assert service.get("/health/live").status == 200
        assert service.ask(ASKED).status == 401
        assert all(is_served(connection) for connection in idle[-3:])
        assert refusals(service) == []


@only_linux
def test_without_files_those_who_are_there_are_served_and_the_log_says_so_once(
    service_database: str, tmp_path: Path
) -> None:
    with serve_with_files(service_database, tmp_path, FEW, FEW) as service:
        with ExitStack() as held, service.connect() as early:
            assert is_served(early)
            connected(service, held, 2 * FEW)
            wait_until(lambda: bool(refusals(service)), "nobody was refused")
            early.sendall(ASKED)
            assert Answer.read(early).status == 401
            assert open_files(service) < FEW
            assert len(refusals(service)) == 1
            assert "out of files" in refusals(service)[0]
        wait_until(lambda: open_files(service) < FEW // 2, "they were not closed")
        assert service.get("/health/live").status == 200
        assert service.ask(ASKED).status == 401


def test_one_address_gets_so_many_connections_and_another_its_own(service_database: str, tmp_path: Path) -> None:
    with (
        serve(service_database, tmp_path, TASKAPI_MAX_CONNECTIONS_PER_ADDRESS=str(MOST)) as service,
        ExitStack() as held,
    ):
        mine = connected(service, held, 2 * MOST)
        assert [is_served(connection) for connection in mine] == [True] * MOST + [False] * MOST
        other = socket.create_connection(("127.0.0.1", service.port), 20, source_address=("127.0.0.2", 0))
        assert is_served(held.enter_context(other))
        assert len(refusals(service)) == 1
        assert "127.0.0.1" in refusals(service)[0]
        mine[0].close()
        wait_until(lambda: is_served(held.enter_context(service.connect())), "the place was not free again")


@pytest.mark.parametrize(
    "settings",
    [{"TASKAPI_MAX_CONNECTIONS_PER_ADDRESS": "0"}, {"TASKAPI_TRUSTED_PROXIES": "127.0.0.0/8"}],
    ids=["off", "proxy"],
)
def test_nobody_counts_where_it_is_off_or_a_proxy_stands_for_many(
    service_database: str, tmp_path: Path, settings: dict[str, str]
) -> None:
    with (
        serve(service_database, tmp_path, **{"TASKAPI_MAX_CONNECTIONS_PER_ADDRESS": str(MOST), **settings}) as service,
        ExitStack() as held,
    ):
        assert all(is_served(connection) for connection in connected(service, held, 2 * MOST))
        assert refusals(service) == []
