"""PostgreSQL stands still under load: everybody is answered soon, the truth, and all is well once it goes on."""

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from taskapi import embedded, worker
from taskapi.background import JOBS
from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.mail.mailers import NoMailer
from taskapi.core.secrets.passwords import Passwords
from taskapi.core.work import engine
from taskapi.core.work.jobs import JobContext
from taskapi.embedded import THROWAWAY, EmbeddedServer
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.accounts import signed_up
from tests.adversity.observing import execute, rows, until, value
from tests.adversity.serving import serve
from tests.support import databases
from tests.support.factory import Factory
from tests.support.freezing import frozen

LIMIT = 2.0
"""Of the service: at most the limit of a statement below, and a second."""
STATEMENT_SECONDS = 1
# What would be wrong takes as long as PostgreSQL stands still, and that is until everybody was answered.
PATIENCE = 30.0


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    folder = tmp_path_factory.mktemp("postgresql")
    for path in (folder, folder.parent):
        path.chmod(0o755)
    with embedded.start(folder / "data", THROWAWAY) as started:
        asyncio.run(embedded.ensure_database(started, "taskapi"))
        asyncio.run(migrations.upgrade(started.url("taskapi")))
        yield started


@pytest.fixture
async def url(postgresql: EmbeddedServer) -> str:
    name = f"test_{uuid4().hex[:8]}"
    await execute(postgresql.url("postgres"), f"CREATE DATABASE {name} TEMPLATE taskapi")
    return postgresql.url(name)


@pytest.fixture
async def alone(url: str, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    settings = databases.settings_for(url, TASKAPI_DATABASE_STATEMENT_TIMEOUT=STATEMENT_SECONDS)
    database = Database(settings)
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()


class Asker(threading.Thread):
    """Asks the same again and again, and keeps what it was told and when."""

    def __init__(self, ask: Callable[[], httpx.Response], over: threading.Event) -> None:
        super().__init__()
        self.ask = ask
        self.over = over
        self.told: list[tuple[float, httpx.Response]] = []

    def run(self) -> None:
        while not self.over.is_set():
            self.told.append((time.monotonic(), self.ask()))
            time.sleep(0.02)

    def since(self, moment: float) -> list[httpx.Response]:
        return [answer for asked, answer in list(self.told) if asked > moment]

    def is_well(self, moment: float) -> bool:
        return any(answer.status_code < 300 for answer in self.since(moment))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.alone
def test_nobody_waits_for_a_frozen_postgresql(postgresql: EmbeddedServer, url: str, tmp_path: Path) -> None:
    settings = {"TASKAPI_RATE_LIMIT": "off", "TASKAPI_DATABASE_STATEMENT_TIMEOUT": str(STATEMENT_SECONDS)}
    with serve(url, tmp_path, **settings) as service, signed_up(service, "ICE") as client:
        path, number = "/api/v1/projects/ICE/tasks", iter(range(1_000_000))

        def with_a_key() -> httpx.Response:
            return client.post(path, json={"title": "x"}, headers={"Idempotency-Key": f"key {next(number)}"})

        kinds = [lambda: client.get(path), lambda: client.post(path, json={"title": "x"}), with_a_key]
        over = threading.Event()
        everybody = [Asker(kinds[i % 3], over) for i in range(9)]
        for asker in everybody:
            asker.start()
        try:
            wait_until(lambda: all(asker.is_well(0) for asker in everybody))
            with frozen(postgresql.pid):
                before = {asker: len(asker.told) for asker in everybody}
                wait_until(lambda: all(len(asker.told) > before[asker] + 3 for asker in everybody))
                assert client.get("/health/live").status_code == 200
                assert client.get("/health/ready").status_code == 503
            thawed = time.monotonic()
            wait_until(lambda: all(asker.is_well(thawed) for asker in everybody))
            recovered = time.monotonic() - thawed
            assert client.get("/health/ready").status_code == 200
        finally:
            over.set()
            for asker in everybody:
                asker.join()
        answers = [answer for asker in everybody for _, answer in asker.told]
        log = service.log.read_text(errors="replace")
    assert recovered < 5
    assert max(answer.elapsed.total_seconds() for answer in answers) < LIMIT * 4
    refused = [answer for answer in answers if answer.status_code >= 300]
    assert {answer.json()["code"] for answer in refused} <= {"database_unavailable", "outcome_unknown", "overloaded"}
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(503, "1")}
    assert "Traceback" not in log
    assert log.count("database.silent") == 1
    numbers = Counter(answer.json()["number"] for answer in answers if answer.status_code == 201)
    stored = {row["number"] for row in asyncio.run(rows(url, "SELECT number FROM tasks"))}
    assert set(numbers) <= stored
    assert set(numbers.values()) == {1}


async def test_a_commit_that_nobody_hears_of_is_told_as_open(alone: Factory, url: str) -> None:
    """It may have been stored, and here it is, once the server goes on."""
    project = await alone.project()
    await execute(
        url,
        "CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END$$",
        "CREATE CONSTRAINT TRIGGER rest AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION rest()",
    )
    committing = "SELECT pid FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"
    found: list[int] = []

    async def somebody_commits() -> bool:
        found[:] = [row["pid"] for row in await rows(url, committing)]
        return bool(found)

    client = alone.client(project.owner)
    request = asyncio.create_task(client.post(project.tasks_path, json={"title": "x"}))
    try:
        await until(somebody_commits)
        os.kill(found[0], signal.SIGSTOP)
        async with asyncio.timeout(PATIENCE):
            answer = await request
        assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
        assert answer.headers["retry-after"] == "1"
        assert (await client.get(project.tasks_path)).status_code == 200, "the others go on"
    finally:
        os.kill(found[0], signal.SIGCONT)
        await execute(url, "DROP FUNCTION rest CASCADE")
    assert await value(url, "SELECT count(*) FROM tasks WHERE project_id = $1", project.id) == 1


async def test_a_request_that_is_cancelled_meanwhile_leaves_nothing_behind(
    alone: Factory, postgresql: EmbeddedServer
) -> None:
    project = await alone.project()
    database: Database = alone.app.state.parts.database
    client = alone.client(project.owner)
    places = database.queue.free
    holders = [database.writer() for _ in range(places)]
    await asyncio.gather(*(holder.open() for holder in holders))
    await asyncio.gather(*(holder.close() for holder in holders))
    await client.get(project.tasks_path)  # from here on it is known who asks, and a POST begins with BEGIN
    with frozen(postgresql.pid):
        requests = [asyncio.create_task(client.post(project.tasks_path, json={"title": "x"})) for _ in range(places)]
        await asyncio.sleep(0.2)
        for request in requests:
            request.cancel()
        async with asyncio.timeout(PATIENCE):
            ended = await asyncio.gather(*requests, return_exceptions=True)
        assert {type(each) for each in ended} == {asyncio.CancelledError}

        async def all_are_free() -> bool:
            return database.queue.free == places

        await until(all_are_free)

    async def it_answers() -> bool:
        return (await client.get(project.tasks_path)).status_code == 200

    await until(it_answers)
    assert database.queue.free == places
    assert (await client.get(project.tasks_path)).json()["items"] == []


async def test_a_process_ends_although_the_server_says_no_good_bye(url: str, postgresql: EmbeddedServer) -> None:
    database = Database(databases.settings_for(url))
    await database.ping()
    with frozen(postgresql.pid):
        ending = asyncio.create_task(database.dispose())
        done, _ = await asyncio.wait({ending}, timeout=PATIENCE)
        assert done == {ending}
    assert ending.exception() is None


async def test_the_worker_lets_go_of_a_frozen_server_and_comes_back(url: str, postgresql: EmbeddedServer) -> None:
    """Its own connections have no session that watches over them."""
    database = databases.settings_for(url, TASKAPI_DATABASE_STATEMENT_TIMEOUT=STATEMENT_SECONDS)
    settings = Settings(database=database)
    context = JobContext(Database(database), settings, NoMailer())
    working = asyncio.create_task(engine.run(context, url, JOBS, asyncio.Event()))

    async def it_listens() -> bool:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        return bool(await value(url, query))

    await until(it_listens)
    with frozen(postgresql.pid):
        done, _ = await asyncio.wait({working}, timeout=PATIENCE)
        assert done
        assert isinstance(working.exception(), OSError | asyncpg.InterfaceError)
    assert await worker.work_once(settings, [])
