"""`taskapi serve --workers N`: one service to whoever asks, and to whoever ends it."""

import http.client
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from tests.conftest import SECRET_KEY
from tests.support.shell import Running, Shell, free_port, is_alive, wait_until

pytestmark = pytest.mark.slow

_WORKERS = 2
_CLIENTS = 4


@dataclass(frozen=True)
class Service:
    running: Running
    port: int

    @property
    def ready(self) -> str:
        return f"http://127.0.0.1:{self.port}/health/ready"

    def figure(self, name: str) -> float:
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics").text
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@contextmanager
def serving(shell: Shell, database_url: str, **settings: str) -> Iterator[Service]:
    port = free_port()
    arguments = ("serve", "--port", str(port), "--workers", str(_WORKERS))
    known = {"DATABASE_URL": database_url, "TASKAPI_SECRET_KEY": SECRET_KEY, **settings}
    with shell.start(*arguments, **known) as running:
        service = Service(running, port)
        running.wait_for(service.ready)
        wait_until(lambda: len(running.family()) == _WORKERS, "not all of them were started")
        yield service


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid), "it lives")


def test_a_process_that_dies_is_replaced(shell: Shell, database_url: str) -> None:
    with serving(shell, database_url) as service:
        before = service.running.family()
        kill(min(before))
        wait_until(lambda: len(service.running.family() - before) == 1, "nobody replaced it")
        kill(max(before))
        wait_until(lambda: len(service.running.family() - before) == 2, "nobody replaced the other")
        service.running.wait_for(service.ready)
        assert "server.died" in service.running.output
        assert service.running.stop() == 0


@pytest.mark.alone
def test_nobody_survives_whoever_started_them(shell: Shell, database_url: str) -> None:
    with serving(shell, database_url) as service:
        children = service.running.family()
        folders = set(shell.folder.glob("taskapi-metrics-*"))
        assert folders
        service.running.kill()
        deadline = time.monotonic() + 5
        while any(map(is_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not any(map(is_alive, children))
        assert not any(folder.exists() for folder in folders)


@dataclass
class Client:
    """Asks on one connection until it is told that it will be closed."""

    port: int
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    was_told: bool = False

    def ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            while not self.was_told:
                connection.request("GET", "/api/v1/users/me")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 401:
                    self.failures.append(f"{answer.status}")
                self.answered += 1
                self.was_told = answer.getheader("connection") == "close"
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(repr(error))
        finally:
            connection.close()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_no_request_fails_when_they_end_under_load(shell: Shell, database_url: str, end: signal.Signals) -> None:
    with serving(shell, database_url) as service:
        clients = [Client(service.port) for _ in range(_CLIENTS)]
        threads = [threading.Thread(target=client.ask) for client in clients]
        for thread in threads:
            thread.start()
        wait_until(lambda: all(client.answered > 20 for client in clients), "nobody is answered")
        ended = service.running.stop(end)
        for thread in threads:
            thread.join(20)
    assert ended == 0
    assert [client.failures for client in clients] == [[]] * _CLIENTS
    assert all(client.was_told for client in clients)


def test_they_keep_the_door_open_until_balancers_have_looked_and_are_not_killed_for_it(
    shell: Shell, database_url: str
) -> None:
    patience = {"TASKAPI_DRAIN_SECONDS": "5", "TASKAPI_SHUTDOWN_SECONDS": "1"}
    with serving(shell, database_url, **patience) as service:
        service.running.process.send_signal(signal.SIGTERM)
        service.running.wait_for(service.ready, 503)
        closes = 0
        while closes < 5:  # each process hears of it when it does
            answer = httpx.get(f"http://127.0.0.1:{service.port}/health/live")
            assert answer.status_code == 200
            closes = closes + 1 if answer.headers.get("connection") == "close" else 0
        assert service.running.process.wait(60) == 0
        assert "servers.killed" not in service.running.output


def test_each_tells_the_figures_of_all_of_the_dead_too(shell: Shell, database_url: str) -> None:
    requests = 'taskapi_http_requests_total{method="GET",route="unmatched",status="404"}'
    seconds = 'taskapi_http_request_duration_seconds_count{method="GET",route="unmatched"}'
    with serving(shell, database_url) as service:
        asked = 40
        for _ in range(asked):  # each on a connection of its own, that any of them may take
            assert httpx.get(f"http://127.0.0.1:{service.port}/nothing").status_code == 404
        assert {service.figure(requests) for _ in range(10)} == {asked}
        assert service.figure(seconds) == asked
        assert service.figure("taskapi_http_requests_in_progress") == 1
        for victim in service.running.family():
            kill(victim)
        service.running.wait_for(service.ready)
        assert service.figure(requests) == asked
        assert service.figure("taskapi_http_requests_in_progress") == 1
        assert service.running.stop() == 0
    assert list(shell.folder.glob("taskapi-metrics-*")) == []
