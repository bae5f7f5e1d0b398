"""Reads go to a real standby, and nobody misses there what they wrote, through whichever process."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from taskapi import embedded
from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.observing import until
from tests.support import databases
from tests.support.factory import PASSWORD, Factory, MadeProject
from tests.support.standby import Pair, pair

pytestmark = pytest.mark.slow

Process = Callable[[], Factory]
_BEHIND_SECONDS = 0.4
_BEHIND = f"{_BEHIND_SECONDS * 1000:.0f}ms"


@contextmanager
def two_servers() -> Iterator[Pair]:
    """In a folder whose path is short and open: the standby finds the primary's socket by it, as another user."""
    with tempfile.TemporaryDirectory(prefix="taskapi-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with pair(Path(name), _BEHIND) as both:
            yield both


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with two_servers() as both:
        yield both


@pytest.fixture
def promotable() -> Iterator[Pair]:
    with two_servers() as both:
        yield both


@asynccontextmanager
async def processes(
    servers: Pair, passwords: Passwords, number: int, **settings: object
) -> AsyncIterator[list[Factory]]:
    """Applications that share nothing but the servers."""
    name = f"taskapi_{uuid4().hex[:12]}"
    await embedded.ensure_database(servers.primary, name)
    url, read_url = servers.url(name), servers.read_url(name)
    await migrations.upgrade(url)
    told = databases.settings_for(url, DATABASE_READ_URL=read_url, TASKAPI_DATABASE_POOL_TIMEOUT=60, **settings)
    made = [Database(told) for _ in range(number)]
    try:
        yield [Factory(create_app(Settings(), database, passwords)) for database in made]
    finally:
        for database in made:
            await database.dispose()


def reads(process: Factory, server: str) -> float:
    registry = process.app.state.parts.metrics.registry
    return registry.get_sample_value("taskapi_standby_reads_total", {"server": server}) or 0


async def is_read(process: Factory, reader: httpx.AsyncClient) -> None:
    """Waits until the standby answers this reader."""

    async def more() -> bool:
        before = reads(process, "standby")
        assert (await reader.get("/api/v1/users/me")).status_code == 200
        return reads(process, "standby") > before

    await until(more, 30)


async def writes_and_reads(project: MadeProject, here: httpx.AsyncClient, there: httpx.AsyncClient, times: int) -> int:
    """How many of its reads had ended before a standby could know what was written."""
    soon = 0
    for number in range(times):
        begun = time.monotonic()
        made = (await here.post(project.tasks_path, json={"title": f"Task {number}"})).json()
        path = f"/api/v1/tasks/{made['key']}"
        assert (await there.get(path)).json() == made
        soon += time.monotonic() - begun < _BEHIND_SECONDS
        begun = time.monotonic()
        changed = (await there.patch(path, json={"title": f"Changed {number}"})).json()
        assert (await here.get(path)).json() == changed
        soon += time.monotonic() - begun < _BEHIND_SECONDS
        listed = (await here.get(project.tasks_path, params={"sort": "-number", "limit": 1})).json()
        assert listed["items"] == [changed]
        soon += time.monotonic() - begun < _BEHIND_SECONDS
        await asyncio.sleep(0.01 * (number % 5))
    return soon


@pytest.mark.alone
async def test_nobody_misses_what_they_wrote_through_another_process(servers: Pair, quick_passwords: Passwords) -> None:
    async with processes(servers, quick_passwords, 2) as (one, another):
        projects = [await one.project(key=f"WEB{number}") for number in range(4)]
        quiet = await one.user()
        await is_read(one, one.client(quiet))
        await is_read(another, another.client(quiet))
        writers = [
            writes_and_reads(project, one.client(project.owner), another.client(project.owner), 15)
            for project in projects
        ]
        before = {server: reads(one, server) + reads(another, server) for server in ("standby", "primary")}

        async def only_reads(process: Factory) -> None:
            async with process.client(quiet) as reader:
                for _ in range(200):
                    assert (await reader.get("/api/v1/users/me")).status_code == 200

        found = await asyncio.gather(*writers, only_reads(one), only_reads(another))
        after = {server: reads(one, server) + reads(another, server) for server in ("standby", "primary")}
        # Nearly all of 180; where the machine took its time, the standby had some by then.
        too_soon = sum(soon for soon in found if soon is not None)
        assert too_soon > 0
        assert after["primary"] - before["primary"] >= too_soon
        assert after["standby"] - before["standby"] >= 0.8 * 400


async def test_an_account_is_there_for_its_owner_at_once(servers: Pair, quick_passwords: Passwords) -> None:
    async with processes(servers, quick_passwords, 2) as (one, another):
        await is_read(one, one.client(await one.user()))
        await is_read(another, another.client(await another.user("other")))
        for number in range(10):
            account = {"username": f"new{number}", "email": f"new{number}@example.com", "password": PASSWORD}
            async with one.client() as here, another.client() as there:
                assert (await here.post("/api/v1/auth/register", json=account)).status_code == 201
                signing_in = {"username": account["username"], "password": PASSWORD}
                pair = (await there.post("/api/v1/auth/login", json=signing_in)).json()
                bearer = {"Authorization": f"Bearer {pair['access_token']}"}
                for client in (here, there):
                    assert (await client.get("/api/v1/users/me", headers=bearer)).json()["username"] == f"new{number}"


@pytest.mark.alone
async def test_a_standby_that_is_too_far_behind_is_read_by_nobody(servers: Pair, quick_passwords: Passwords) -> None:
    async with processes(servers, quick_passwords, 1, TASKAPI_REPLICA_MAX_LAG_SECONDS=0.2) as (process,):
        project = await process.project()
        async with process.client(await process.user()) as reader, process.client(project.owner) as writer:
            ends = time.monotonic() + 3
            while time.monotonic() < ends:  # without writes there is nothing to be behind of
                assert (await writer.post(project.tasks_path, json={"title": "Task"})).status_code == 201
                assert (await reader.get("/api/v1/users/me")).status_code == 200
        assert reads(process, "primary") > 0
        assert reads(process, "standby") < 0.2 * reads(process, "primary")


@pytest.mark.parametrize("fate", [signal.SIGSTOP, signal.SIGKILL])
async def test_nobody_notices_that_it_is_gone(servers: Pair, quick_passwords: Passwords, fate: signal.Signals) -> None:
    assert servers.standby is not None
    async with processes(servers, quick_passwords, 1) as (process,), process.client(await process.user()) as reader:
        await is_read(process, reader)
        family = [servers.standby.pid, *children(servers.standby.pid)]
        for pid in family:
            os.kill(pid, fate)
        try:
            for _ in range(100):
                assert (await reader.get("/api/v1/users/me")).status_code == 200
            gone = reads(process, "standby")
            assert (await reader.get("/api/v1/users/me")).status_code == 200
            assert reads(process, "standby") == gone
        finally:
            if fate == signal.SIGSTOP:
                for pid in family:
                    os.kill(pid, signal.SIGCONT)
            else:
                servers.standby.stop()
                servers.start_standby()
        await is_read(process, reader)


async def test_a_standby_that_was_promoted_is_left(promotable: Pair, quick_passwords: Passwords) -> None:
    async with processes(promotable, quick_passwords, 1) as (process,), process.client(await process.user()) as reader:
        await is_read(process, reader)
        promoted = await databases.connect(promotable.read_url("postgres"))
        await promoted.execute("SELECT pg_promote()")
        await promoted.close()

        async def is_left() -> bool:
            before = reads(process, "standby")
            assert (await reader.get("/api/v1/users/me")).status_code == 200
            return reads(process, "standby") == before

        await until(is_left, 10)


def children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
