"""No room is left: writes are refused with a 507, reads go on, and all is well at once when there is room again."""

import asyncio
import random
import string
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from taskapi import embedded
from taskapi.core.db import migrations, writability
from taskapi.core.db.database import Database
from taskapi.core.http import error_handlers
from taskapi.core.observing.seldom import Seldom
from taskapi.core.secrets.passwords import Passwords
from taskapi.embedded import THROWAWAY, EmbeddedServer
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.observing import execute, until, value
from tests.support import databases
from tests.support.answers import problem
from tests.support.factory import Factory
from tests.support.small_disk import full, small_disk

Lines = list[Any]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """What is logged of refusals."""
    captured = LogCapture()
    logger = structlog.wrap_logger(None, [captured], structlog.make_filtering_bound_logger(0))
    monkeypatch.setattr(error_handlers, "log", logger)
    monkeypatch.setattr(error_handlers, "_seldom", Seldom())
    return captured.entries


@asynccontextmanager
async def no_room(database_url: str) -> AsyncIterator[None]:
    """As PostgreSQL says it, wherever the tests run: to whatever makes a row longer."""
    await execute(
        database_url,
        """CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$""",
        "CREATE TRIGGER fail BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    try:
        yield
    finally:
        await execute(database_url, "DROP FUNCTION fail CASCADE")


def takes_writes(make: Factory) -> float | None:
    """As Prometheus is told."""
    registry = make.app.state.parts.metrics.registry
    found: float | None = registry.get_sample_value("taskapi_database_takes_writes")
    return found


async def says_ready(client: httpx.AsyncClient) -> tuple[int, bool]:
    ready = await client.get("/health/ready")
    return ready.status_code, ready.json()["writes"]


async def test_writes_are_refused_and_reads_go_on(
    live: Factory, database_url: str, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = await live.project()
    client = live.client(project.owner)
    new = {"title": "x"}
    assert await says_ready(client) == (200, True)
    async with no_room(database_url):
        for _ in range(20):
            refused = await client.post(project.tasks_path, json=new)
            assert problem(refused) == (507, "storage_full")
            assert refused.headers["retry-after"] == "10"
            assert (await client.get(project.tasks_path)).status_code == 200
        assert await says_ready(client) == (200, False)
        assert takes_writes(live) == 0
    assert (await client.post(project.tasks_path, json=new)).status_code == 201, (
        "at once, and not after the ten seconds"
    )
    monkeypatch.setattr(writability, "_TELLING_SECONDS", 0)
    assert (await client.post(project.tasks_path, json=new)).status_code == 201
    assert await says_ready(client) == (200, True)
    assert takes_writes(live) == 1
    assert [(line["event"], line["log_level"], line["times"]) for line in lines] == [("storage_full", "error", 1)]
    assert "exc_info" not in lines[0]


async def test_what_nobody_tried_for_a_while_is_not_known_to_fail(
    live: Factory, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writability, "_REMEMBERED_SECONDS", 0.2)
    project = await live.project()
    client = live.client(project.owner)
    async with no_room(database_url):
        assert problem(await client.post(project.tasks_path, json={"title": "x"})) == (507, "storage_full")

    async def says_so_no_more() -> bool:
        return await says_ready(client) == (200, True) and takes_writes(live) == 1

    await until(says_so_no_more)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o755)
    with small_disk(tmp_path / "disk", 192) as mounted:
        yield mounted


@pytest.fixture
def postgresql(disk: Path) -> Iterator[EmbeddedServer]:
    with embedded.start(disk / "data", THROWAWAY) as started:
        asyncio.run(embedded.ensure_database(started, "taskapi"))
        asyncio.run(migrations.upgrade(started.url("taskapi")))
        yield started


@pytest.fixture
async def crammed(postgresql: EmbeddedServer, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    database = Database(databases.settings_for(postgresql.url("taskapi")))
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()


async def test_a_disk_that_is_full_to_the_last_byte(
    crammed: Factory, disk: Path, postgresql: EmbeddedServer, lines: Lines
) -> None:
    project = await crammed.project()
    client = crammed.client(project.owner)
    # A fresh segment of the log: the last one's end would be a crash, since PostgreSQL has to write it.
    await execute(postgresql.url("taskapi"), "SELECT pg_switch_wal()", "CHECKPOINT", "CREATE TABLE fresh ()")
    choice = random.Random(1)

    async def write() -> httpx.Response:
        """Something that does not become small."""
        text = "".join(choice.choices(string.printable.strip(), k=5000))
        return await client.post(project.tasks_path, json={"title": "x", "description": text})

    with full(disk):
        written = [await write() for _ in range(200)]
        statuses = [answer.status_code for answer in written]
        assert set(statuses) <= {201, 507}
        assert problem(written[-1]) == (507, "storage_full")
        assert statuses.count(507) > 20
        assert (await client.get(project.tasks_path)).status_code == 200
        assert await says_ready(client) == (200, False)
    assert (await write()).status_code == 201
    assert len(lines) == 1
    stored = await value(postgresql.url("taskapi"), "SELECT count(*) FROM tasks")
    assert stored == statuses.count(201) + 1
