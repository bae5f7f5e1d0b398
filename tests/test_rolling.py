"""Processes restart one after the other, and the schema goes ahead of them: behind a load balancer nobody notices."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx
import pytest

from tests.adversity.observing import execute, value
from tests.support.balancers import haproxy, nginx
from tests.support.load import Target, load
from tests.support.shell import Running, Shell, free_port

pytestmark = pytest.mark.slow

_CLIENTS = 3
_BETWEEN = 100
_PASSWORD = "a password of the tests"
_EXPAND = ("ALTER TABLE tasks ADD COLUMN of_the_next_version text", "UPDATE alembic_version SET version_num = '9999'")


class Api:
    """One process on a port of its own, that can be restarted there."""

    def __init__(self, folder: Path, bytecode: Path | None, **settings: str) -> None:
        folder.mkdir()
        self.port = free_port()
        self._shell = Shell(folder, bytecode)
        self._settings = settings
        self._stack = ExitStack()
        self._running: Running | None = None

    def start(self) -> None:
        process = self._shell.start("serve", "--port", str(self.port), **self._settings)
        self._running = self._stack.enter_context(process)

    def wait(self) -> None:
        assert self._running
        self._running.wait_for(f"http://127.0.0.1:{self.port}/health/ready")

    def restart(self) -> None:
        """As a deployment does: the next one follows as soon as this one is ready."""
        assert self._running
        assert self._running.stop() == 0
        self.start()
        self.wait()

    @property
    def output(self) -> str:
        assert self._running
        return self._running.output

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def apis(tmp_path: Path, database_url: str, bytecode: Path | None) -> Iterator[list[Api]]:
    settings = {
        "DATABASE_URL": database_url,
        "TASKAPI_SECRET_KEY": "a secret of the tests, and long enough",
        "TASKAPI_DRAIN_SECONDS": "1.5",
        "TASKAPI_LOG_LEVEL": "warning",
        "TASKAPI_RATE_LIMIT_PER_MINUTE": "1000000",
    }
    made = [Api(tmp_path / f"api{number}", bytecode, **settings) for number in range(2)]
    for api in made:
        api.start()
    for api in made:
        api.wait()
    yield made
    for api in made:
        api.close()


def half_reads_half_writes(url: str) -> Target:
    """Of somebody with a project."""
    known = {"username": "ana", "password": _PASSWORD}
    with httpx.Client(base_url=f"{url}/api/v1") as client:
        assert client.post("/auth/register", json=known | {"email": "ana@example.org"}).status_code == 201
        token = client.post("/auth/login", json=known).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.post("/projects", json={"key": "WEB", "name": "Website"}).status_code == 201
    headers = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n"

    def request(number: int) -> tuple[bytes, int]:
        if number % 2:
            return f"GET /api/v1/tasks?limit=5 HTTP/1.1\r\n{headers}\r\n".encode(), 200
        body = json.dumps({"title": f"Number {number}"})
        lines = f"{headers}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"POST /api/v1/projects/WEB/tasks HTTP/1.1\r\n{lines}\r\n{body}".encode(), 201

    return request


async def test_no_request_fails_while_the_schema_goes_ahead_and_all_are_restarted(
    apis: list[Api], database_url: str, tmp_path: Path
) -> None:
    ports = [api.port for api in apis]
    async with AsyncExitStack() as stack:
        urls = [stack.enter_context(balancer(ports, tmp_path)) for balancer in (haproxy, nginx)]
        request = await asyncio.to_thread(half_reads_half_writes, urls[0])
        loads = [await stack.enter_async_context(load(url, request, _CLIENTS)) for url in urls]

        async def all_are_answered() -> None:
            await asyncio.gather(*(asked.until(_BETWEEN) for asked in loads))

        await all_are_answered()
        await execute(database_url, *_EXPAND)
        await all_are_answered()
        for api in apis:
            assert "schema.ahead" in api.output
            await asyncio.to_thread(api.restart)
        await all_are_answered()
    assert [asked.failures for asked in loads] == [[], []]
    written = sum(asked.by_status[201] for asked in loads)
    assert await value(database_url, "SELECT count(*) FROM tasks") == written
