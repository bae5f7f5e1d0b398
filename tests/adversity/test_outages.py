"""A real process, its clients vanishing in mid-request and its PostgreSQL killed under load."""

import asyncio
import os
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from taskapi import embedded
from taskapi.core.db import migrations
from taskapi.embedded import DURABLE, EmbeddedServer
from tests.adversity.accounts import signed_up
from tests.adversity.observing import rows, states, until, value
from tests.adversity.serving import Service, request, serve

_VANISHED = 1000
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: close() sends a reset


def vanish(service: Service, raw: bytes, sends: int, after: float) -> None:
    """Send this much of a request, and be gone without a word."""
    with service.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        connection.sendall(raw[:sends])
        time.sleep(after)


def test_a_thousand_clients_who_vanish_take_nothing_with_them(service: Service, service_database: str) -> None:
    with signed_up(service, "GONE") as client:
        tasks, bearer = "/api/v1/projects/GONE/tasks", f"Authorization: {client.headers['authorization']}"
        is_json = "Content-Type: application/json"
        kinds = [
            request("GET", f"{tasks}?limit=200", bearer),
            request("POST", tasks, bearer, is_json, body=b'{"title": "x"}'),
            request("POST", tasks, bearer, is_json, "Idempotency-Key: {}", body=b'{"title": "x"}'),
            request("POST", "/api/v1/auth/refresh", is_json, body=b'{"refresh_token": "x"}'),
        ]

        def vanish_often(first: int) -> None:
            for i in range(first, _VANISHED, 8):
                raw = kinds[i % 4].replace(b"{}", b"%d" % i)
                vanish(service, raw, len(raw) - (i % 3 == 0) * 5, (i % 20) / 2000)

        threads = [threading.Thread(target=vanish_often, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        async def all_rest() -> bool:
            return set(await states(service_database)) <= {"idle"}

        asyncio.run(until(all_rest, 30))
        assert len(asyncio.run(states(service_database))) <= 10
        assert [client.get(tasks).status_code for _ in range(30)] == [200] * 30
        last = client.post(tasks, json={"title": "last"}).json()
        numbers = "SELECT count(*), max(number) FROM tasks WHERE project_id = $1"
        ((count, highest),) = asyncio.run(rows(service_database, numbers, last["project_id"]))
        assert count == highest == last["number"]
        assert "garbage collector" not in service.log.read_text(errors="replace")


class Writer(threading.Thread):
    """Writes task after task, and repeats each with its key until it is acknowledged."""

    def __init__(self, client: httpx.Client, over: threading.Event) -> None:
        super().__init__()
        self.client = client
        self.over = over
        self.statuses: Counter[str] = Counter()
        self.slowest = 0.0
        self.acknowledged: dict[str, float] = {}
        self.numbers: list[int] = []

    def run(self) -> None:
        while not self.over.is_set():
            self._write(str(uuid4()))

    def _write(self, title: str) -> None:
        while True:
            started = time.monotonic()
            answer = self.client.post(
                "/api/v1/projects/WEB/tasks", json={"title": title}, headers={"Idempotency-Key": title}
            )
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.statuses[str(answer.status_code)] += 1
            if answer.status_code == 201:
                self.acknowledged[title] = time.monotonic()
                self.numbers.append(answer.json()["number"])
                return
            assert answer.headers["retry-after"] == "1"
            time.sleep(0.02)


class Reader(Writer):
    def _write(self, title: str) -> None:
        started = time.monotonic()
        self.statuses[str(self.client.get(f"/api/v1/tasks?q={title}").status_code)] += 1
        self.statuses[f"live {self.client.get('/health/live').status_code}"] += 1
        self.slowest = max(self.slowest, time.monotonic() - started)
        time.sleep(0.01)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


@pytest.fixture
def postgresql(folder: Path) -> Iterator[EmbeddedServer]:
    """With everything that keeps promises in a crash: a throwaway one acknowledges before it writes."""
    with embedded.start(folder / "data", DURABLE) as started:
        yield started


@pytest.mark.alone
def test_a_killed_postgresql_loses_nothing_that_was_acknowledged(folder: Path, postgresql: EmbeddedServer) -> None:
    asyncio.run(embedded.ensure_database(postgresql, "taskapi"))
    url = postgresql.url("taskapi")
    asyncio.run(migrations.upgrade(url))
    with serve(url, folder, TASKAPI_RATE_LIMIT="off") as service, signed_up(service, "WEB") as client:
        over = threading.Event()
        writers = [Writer(client, over) for _ in range(6)]
        readers = [Reader(client, over) for _ in range(2)]
        everybody = [*writers, *readers]
        try:
            for thread in everybody:
                thread.start()
            wait_until(lambda: sum(len(writer.acknowledged) for writer in writers) > 50)
            os.kill(postgresql.pid, signal.SIGKILL)
            time.sleep(1.5)
            with embedded.start(postgresql.data_dir, DURABLE):
                restarted = time.monotonic()
                wait_until(lambda: all(max(writer.acknowledged.values()) > restarted + 0.5 for writer in writers))
                over.set()
                for thread in everybody:
                    thread.join(20)
                assert service.process.poll() is None
                stored = asyncio.run(rows(url, "SELECT title, number FROM tasks"))
                told = asyncio.run(value(url, "SELECT count(*) FROM events WHERE kind = 'task.created'"))
        finally:
            over.set()
    acknowledged = {title: at for writer in writers for title, at in writer.acknowledged.items()}
    numbers = [number for writer in writers for number in writer.numbers]
    assert {status for writer in writers for status in writer.statuses} == {"201", "503"}
    assert {status for reader in readers for status in reader.statuses} == {"200", "503", "live 200"}
    assert max(thread.slowest for thread in everybody) < 4.0
    assert min(at for at in acknowledged.values() if at > restarted) - restarted < 5.0
    titles = [row["title"] for row in stored]
    assert sorted(titles) == sorted(set(titles))
    assert set(titles) == set(acknowledged)
    assert sorted(numbers) == sorted(row["number"] for row in stored) == list(range(1, len(stored) + 1))
    assert told == len(stored)
