"""What bad receivers of webhooks do to the good ones: one hangs, one drips a byte a second, one answers 64 MiB.

Time is from the answer to the POST, so after the commit, until the request of a delivery has come. The receivers share
the machine with the service, its worker and PostgreSQL.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles

import asyncpg
import httpx
import uvloop

from benchmarks.connection import HOST
from benchmarks.laboratory import plain
from benchmarks.servers import API, environment, serving, working
from taskapi.core.db import migrations
from taskapi.embedded import EmbeddedServer, ensure_database

NAME = "webhooks"
_DATABASE = "webhooks"
_PASSWORD = "a long and quiet afternoon"
_GOOD, _A_PROJECT = 40, 20
_CHANGES, _PAUSE_SECONDS = 10, 0.5
_PATIENCE_SECONDS = 60.0
_FLOOD = 64 * 1024 * 1024
GOAL_MS = 1_000.0
_IS_READING = "SELECT true FROM consumers WHERE name = 'webhooks'"


class Receivers:
    """One server for all of them: the path says which it is."""

    def __init__(self) -> None:
        self.port = 0
        self.came: dict[str, list[float]] = {}

    @property
    def deliveries(self) -> int:
        return sum(len(times) for times in self.came.values())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
            body = await reader.readexactly(int(length.partition(":")[2]))
            await self._answer(head.split()[1], body, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side is gone, or the run is over
        finally:
            writer.close()

    async def _answer(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        if path == "/good":
            title: str = json.loads(body)["data"]["changes"]["title"][1]
            self.came.setdefault(title, []).append(time.monotonic())
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        elif path == "/floods":
            writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {_FLOOD}\r\n\r\n".encode())
            for _ in range(_FLOOD // 65_536):
                writer.write(bytes(65_536))
                await writer.drain()
        elif path == "/drips":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            for _ in range(1000):
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(1)
        else:
            await asyncio.sleep(_PATIENCE_SECONDS)
        await writer.drain()


@asynccontextmanager
async def _receiving() -> AsyncIterator[Receivers]:
    receivers = Receivers()
    server = await asyncio.start_server(receivers.serve, HOST, 0)
    receivers.port = server.sockets[0].getsockname()[1]
    try:
        yield receivers
    finally:
        server.close()


def webhooks(postgres: EmbeddedServer, directory: Path) -> bool:
    """Print how soon the good ones are told, alone and beside the bad ones; whether a delivery was missing."""
    url = postgres.url(_DATABASE)
    asyncio.run(_prepare(postgres, url))
    settings = {"TASKAPI_OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8", "TASKAPI_DATA_DIR": str(directory / "data")}
    variables = environment(url, **settings)
    print(f"\n## Webhooks\n\n{_GOOD} receivers, goal: bad ones delay them by {GOAL_MS:.0f} ms at most.\n")
    print("| | median | p99 | longest | missing |\n|---|---|---|---|---|")
    with serving(API, variables, directory) as served, working(variables, directory):
        asyncio.run(_reader_is_there(url))
        return uvloop.run(_measure(served.port))


async def _prepare(postgres: EmbeddedServer, url: str) -> None:
    await ensure_database(postgres, _DATABASE)
    await migrations.upgrade(url)


async def _reader_is_there(url: str) -> None:
    """The worker is up: what happens before its reader has a place in the log is sent to nobody."""
    connection = await asyncpg.connect(plain(url))
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await connection.fetchval(_IS_READING):  # noqa: ASYNC110 - the worker does it
            await asyncio.sleep(0.1)
    await connection.close()


async def _measure(port: int) -> bool:
    async with (
        _receiving() as receivers,
        httpx.AsyncClient(base_url=f"http://{HOST}:{port}/api/v1", timeout=60) as client,
    ):
        who = {"username": "bench", "password": _PASSWORD}
        (await client.post("/auth/register", json={**who, "email": "bench@example.com"})).raise_for_status()
        token = (await client.post("/auth/login", json=who)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        # Each project may have so many webhooks: their changes are made in turns, and the bad ones are in a third.
        good = [f"GOOD{number}" for number in range(_GOOD // _A_PROJECT)]
        for key in (*good, "BAD"):
            (await client.post("/projects", json={"key": key, "name": key})).raise_for_status()
        for key in good:
            for _ in range(_A_PROJECT):
                await _hook(client, key, receivers.port, "good")
        missing = await _tell(client, good, receivers, "alone")
        for path in ("hangs", "drips", "floods"):
            await _hook(client, "BAD", receivers.port, path)
        return await _tell(client, [*good, "BAD"], receivers, "beside the bad ones") or missing


async def _hook(client: httpx.AsyncClient, key: str, port: int, path: str) -> None:
    body = {"url": f"http://{HOST}:{port}/{path}", "events": ["task.created"]}
    (await client.post(f"/projects/{key}/webhooks", json=body)).raise_for_status()


async def _tell(client: httpx.AsyncClient, keys: list[str], receivers: Receivers, name: str) -> bool:
    receivers.came.clear()
    committed: dict[str, float] = {}
    for number in range(_CHANGES):
        for key in keys:
            title = f"{name} {key} {number}"
            (await client.post(f"/projects/{key}/tasks", json={"title": title})).raise_for_status()
            if key != "BAD":
                committed[title] = time.monotonic()
        await asyncio.sleep(_PAUSE_SECONDS)
    wanted = len(committed) * _A_PROJECT
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while receivers.deliveries < wanted and time.monotonic() < deadline:  # noqa: ASYNC110 - others send
        await asyncio.sleep(0.05)
    waited = [_PATIENCE_SECONDS * 1000] * (wanted - receivers.deliveries)
    missing = len(waited)
    waited += [(at - committed[title]) * 1000 for title, times in receivers.came.items() for at in times]
    figures = f"{median(waited):.0f} ms | {quantiles(waited, n=100)[98]:.0f} ms | {max(waited):.0f} ms"
    print(f"| {name} | {figures} | {missing} |", flush=True)
    return missing > 0
