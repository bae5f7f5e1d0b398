"""Failures of the database under a request: the client is told the truth, and nothing is half done or left behind."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from taskapi.core.db.connections import TransactionCommands
from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.observing import execute, rows, states, until_somebody_waits_for_a_lock, value
from tests.support import databases
from tests.support.answers import problem
from tests.support.api_tokens import api_token
from tests.support.databases import connect
from tests.support.factory import Factory, MadeProject

Open = Callable[..., Factory]
POOL = 10


@pytest.fixture
def database_url(database_url: str) -> str:
    """Past a pooler: the server's own connections, limits and roles are looked at."""
    return databases.past_pooler(database_url)


@pytest.fixture
async def start(database_url: str, quick_passwords: Passwords) -> AsyncIterator[Open]:
    """The application with settings of the test's own for its database."""
    async with AsyncExitStack() as opened:

        def start(commands: TransactionCommands | None = None, **settings: Any) -> Factory:
            database = Database(databases.settings_for(database_url, **settings), commands)
            opened.push_async_callback(database.dispose)
            return Factory(create_app(Settings(), database, quick_passwords))

        yield start


@pytest.fixture
async def faulty_url(database_url: str) -> AsyncIterator[str]:
    yield database_url
    await execute(database_url, "DROP FUNCTION fail CASCADE", "DROP SEQUENCE failures")


async def fail_at_commit(database_url: str, statement: str, *, times: int = 1_000_000) -> None:
    """Tasks are inserted without complaint, and refused when the transaction ends."""
    await execute(
        database_url,
        "CREATE SEQUENCE failures",
        f"""CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN IF nextval('failures') <= {times} THEN {statement}; END IF; RETURN NULL; END$$""",
        """CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON tasks DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION fail()""",
    )


def raised(code: str) -> str:
    return f"RAISE EXCEPTION 'at commit' USING ERRCODE = '{code}'"


async def stored(database_url: str) -> dict[str, int]:
    tables = ("tasks", "events", "idempotent_answers")
    return {table: await value(database_url, f"SELECT count(*) FROM {table}") for table in tables}


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (raised("P0001"), 500, "internal_error"),
        (raised("23503"), 500, "internal_error"),
        (raised("53100"), 507, "storage_full"),
        (raised("25006"), 503, "database_read_only"),
        (raised("40001"), 503, "transaction_conflict"),
        (raised("40P01"), 503, "transaction_conflict"),
        (raised("57014"), 503, "overloaded"),
        ("PERFORM pg_terminate_backend(pg_backend_pid())", 503, "outcome_unknown"),
    ],
)
async def test_what_fails_at_commit_is_not_told_as_done(
    live: Factory, faulty_url: str, failure: str, status: int, code: str
) -> None:
    project = await live.project()
    before = await stored(faulty_url)
    await fail_at_commit(faulty_url, failure)
    client = live.client(project.owner)
    response = await client.post(project.tasks_path, json={"title": "x"}, headers={"Idempotency-Key": "once"})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert ("retry-after" in response.headers) is (status != 500)
    assert "at commit" not in response.text
    assert await stored(faulty_url) == before
    await execute(faulty_url, "DROP TRIGGER fail ON tasks")
    again = await client.post(project.tasks_path, json={"title": "x"}, headers={"Idempotency-Key": "once"})
    assert (again.status_code, again.json()["number"]) == (201, 1)
    assert "idempotency-replayed" not in again.headers
    assert await states(faulty_url) == ["idle"]


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_a_transaction_that_lost_is_tried_again(live: Factory, faulty_url: str, code: str) -> None:
    project = await live.project()
    await fail_at_commit(faulty_url, raised(code), times=2)
    response = await live.client(project.owner).post(project.tasks_path, json={"title": "x"})
    assert (response.status_code, response.json()["number"]) == (201, 1)
    assert await value(faulty_url, "SELECT count(*) FROM events WHERE kind = 'task.created'") == 1


async def test_a_request_that_loses_a_deadlock_is_tried_again(live: Factory, database_url: str) -> None:
    """It holds its task and waits for the counter, which another holds who then waits for the task."""
    project = await live.project()
    task, parent = await live.task(project), await live.task(project)
    other = await connect(database_url)
    await other.execute("SET deadlock_timeout = '1min'")  # the other never gives in
    async with other.transaction():
        await other.execute("SELECT FROM project_counters FOR UPDATE")
        change = {"parent_id": parent["id"]}
        request = asyncio.create_task(live.client(project.owner).patch(f"/api/v1/tasks/{task['id']}", json=change))
        await until_somebody_waits_for_a_lock(database_url)
        await other.execute("SELECT FROM tasks WHERE number = 1 FOR UPDATE")
    await other.close()
    response = await request
    assert (response.status_code, response.json()["parent_id"]) == (200, parent["id"])


async def test_a_statement_that_takes_too_long_is_a_503(start: Open, database_url: str) -> None:
    make = start(TASKAPI_DATABASE_STATEMENT_TIMEOUT=0.3)
    project = await make.project()
    client = make.client(project.owner)
    holder = await connect(database_url)
    async with holder.transaction():
        await holder.execute("SELECT FROM project_counters FOR UPDATE")
        response = await client.post(project.tasks_path, json={"title": "x"})
    await holder.close()
    assert (response.status_code, response.json()["code"]) == (503, "overloaded")
    assert response.headers["retry-after"] == "1"
    assert (await client.post(project.tasks_path, json={"title": "x"})).json()["number"] == 1


@asynccontextmanager
async def read_only(database_url: str) -> AsyncIterator[None]:
    """What the primary is to its clients while it is a standby: for whoever connects from now on."""
    name = await value(database_url, "SELECT current_database()")
    await execute(database_url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await drop_connections(database_url)
    try:
        yield
    finally:
        writable = "SET default_transaction_read_only = off"
        await execute(database_url, writable, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


def takes_writes(make: Factory) -> float | None:
    """As Prometheus is told."""
    registry = make.app.state.parts.metrics.registry
    found: float | None = registry.get_sample_value("taskapi_database_takes_writes")
    return found


async def test_a_primary_that_became_read_only_goes_on_reading_until_it_writes_again(
    live: Factory, database_url: str
) -> None:
    project = await live.project()
    client = live.client(project.owner)
    new = {"title": "x"}
    async with read_only(database_url):
        assert (await client.get(project.tasks_path)).status_code == 200
        response = await client.post(project.tasks_path, json=new)
        assert problem(response) == (503, "database_read_only")
        assert response.headers["retry-after"] == "1"
        # Several connections, all of which lead to what takes no writes.
        assert {(await client.get(project.tasks_path)).status_code for _ in range(3)} == {200}
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"], ready.json()["writes"]) == (200, "ok", False)
        assert takes_writes(live) == 0
    await drop_connections(database_url)
    assert (await client.get("/health/ready")).json()["writes"] is True
    assert takes_writes(live) == 1
    assert (await client.post(project.tasks_path, json=new)).status_code == 201


async def test_that_it_is_read_only_is_known_before_anybody_writes(live: Factory, database_url: str) -> None:
    async with live.client() as client:
        await client.get("/health/ready")
        async with read_only(database_url):
            assert (await client.get("/health/ready")).json()["writes"] is False
            assert takes_writes(live) == 0


async def test_one_refused_write_finds_the_way_back_for_all_connections(live: Factory, database_url: str) -> None:
    """Those at rest were made while it was read-only, and would say so each to somebody."""
    project = await live.project()
    client = live.client(project.owner)
    database: Database = live.app.state.parts.database
    async with read_only(database_url):
        holders = [database.autocommit() for _ in range(POOL)]
        await asyncio.gather(*(holder.open() for holder in holders))
        await asyncio.gather(*(holder.close() for holder in holders))
    answers = [await client.post(project.tasks_path, json={"title": "x"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [503, 201, 201, 201, 201]
    assert takes_writes(live) == 1


async def test_reading_by_token_or_link_needs_no_note_of_it(live: Factory, database_url: str) -> None:
    """Both say when they were last used: where nothing can be written, they do without."""
    project = await live.project()
    client = live.client(project.owner)
    await live.task(project)
    bearer = {"Authorization": f"Bearer {await api_token(live, project.owner, 'tasks:read')}"}
    password = {"X-Share-Password": "a long password"}
    links = f"/api/v1/projects/{project.id}/share-links"
    opened = (await client.post(links, json={"label": "open"})).json()
    locked = (await client.post(links, json={"label": "locked", "password": password["X-Share-Password"]})).json()
    shared = f"/api/v1/shared/{opened['token']}"
    async with live.client() as stranger, read_only(database_url):
        for _ in range(2):
            live.app.state.parts.known_callers.clear()
            assert (await stranger.get(project.tasks_path, headers=bearer)).status_code == 200
            assert (await stranger.get(shared)).status_code == 200
            assert len((await stranger.get(f"{shared}/tasks")).json()["items"]) == 1
        refused = await stranger.get(f"/api/v1/shared/{locked['token']}", headers=password)
        assert problem(refused) == (503, "database_read_only"), "tries of passwords are counted, or not made"


async def drop_connections(database_url: str) -> None:
    mine = "datname = current_database() AND application_name = 'taskapi'"
    await rows(database_url, f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}")


async def test_connections_that_the_server_dropped_are_replaced_unnoticed(live: Factory, database_url: str) -> None:
    project = await live.project()
    client = live.client(project.owner)
    await asyncio.gather(*(client.get(project.tasks_path) for _ in range(20)))
    await drop_connections(database_url)
    # Those first that are never repeated: they get the connections that are gone.
    answers = await asyncio.gather(
        *(client.post(project.tasks_path, json={"title": "x"}) for _ in range(10)),
        *(client.get(project.tasks_path) for _ in range(20)),
    )
    assert [answer.status_code for answer in answers] == [201] * 10 + [200] * 20


async def cancelled_after(seconds: float, request: Coroutine[Any, Any, httpx.Response]) -> None:
    task = asyncio.create_task(request)
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def assert_nothing_leaked(make: Factory, project: MadeProject, database_url: str) -> None:
    """All connections rest, and as many as the pool has can be had at once: no place in the queue is lost."""
    await asyncio.sleep(0.1)
    database: Database = make.app.state.parts.database
    assert database.queue.free == POOL
    found = await states(database_url)
    assert set(found) <= {"idle"}
    assert len(found) <= POOL
    holders = [database.writer() for _ in range(POOL)]
    try:
        await asyncio.gather(*(holder.open() for holder in holders))
    finally:
        await asyncio.gather(*(holder.close() for holder in holders))
    assert (await make.client(project.owner).get(project.tasks_path)).status_code == 200


async def test_requests_cancelled_anywhere_leave_nothing_behind(live: Factory, database_url: str) -> None:
    project = await live.project()
    client = live.client(project.owner)
    await client.get(project.tasks_path)
    choice = random.Random(7)
    requests = [
        lambda: client.get(project.tasks_path),
        lambda: client.post(project.tasks_path, json={"title": "x"}),
        lambda: client.post(project.tasks_path, json={"title": "x"}, headers={"Idempotency-Key": str(choice.random())}),
    ]
    for _ in range(40):
        await asyncio.gather(*(cancelled_after(choice.uniform(0, 0.02), choice.choice(requests)()) for _ in range(15)))
    await assert_nothing_leaked(live, project, database_url)
    found = await stored(database_url)
    created = await value(database_url, "SELECT count(*) FROM events WHERE kind = 'task.created'")
    numbers = [row["number"] for row in await rows(database_url, "SELECT number FROM tasks ORDER BY number")]
    assert found["tasks"] == created == len(numbers)
    assert numbers == list(range(1, len(numbers) + 1))


async def test_requests_cancelled_while_they_wait_leave_nothing_behind(live: Factory, database_url: str) -> None:
    """Ten wait for a lock, ten more for a connection."""
    project = await live.project()
    client = live.client(project.owner)
    await client.get(project.tasks_path)
    holder = await connect(database_url)
    async with holder.transaction():
        await holder.execute("SELECT FROM project_counters FOR UPDATE")
        create = [cancelled_after(0.3, client.post(project.tasks_path, json={"title": "x"})) for _ in range(20)]
        await asyncio.gather(*create)
        assert (await client.get(project.tasks_path)).status_code == 200
    await holder.close()
    await assert_nothing_leaked(live, project, database_url)
    assert (await stored(database_url))["tasks"] == 0


async def test_a_begin_that_is_cancelled_leaves_no_transaction_open(start: Open, database_url: str) -> None:
    slow = start(TransactionCommands(begin="BEGIN; SELECT pg_sleep(0.2)"), TASKAPI_DATABASE_POOL_SIZE=1)
    database: Database = slow.app.state.parts.database
    opening = asyncio.create_task(database.writer().open())
    await asyncio.sleep(0.1)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    assert await states(database_url) == ["idle"]
    await database.ping()


@asynccontextmanager
async def held(app: FastAPI) -> AsyncIterator[None]:
    """Every connection is in somebody's hands until the end of the block."""
    holders = [app.state.parts.database.writer() for _ in range(POOL)]
    await asyncio.gather(*(holder.open() for holder in holders))
    try:
        yield
    finally:
        await asyncio.gather(*(holder.close() for holder in holders))


async def timed(request: Coroutine[Any, Any, httpx.Response]) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    return await request, time.monotonic() - started


@pytest.mark.alone
async def test_five_hundred_who_find_no_connection_are_told_to_come_back(start: Open) -> None:
    make = start()
    project = await make.project()
    client = make.client(project.owner)
    await client.get(project.tasks_path)
    async with held(make.app):
        crowd = asyncio.gather(*(timed(client.get(project.tasks_path)) for _ in range(500)))
        alive = []
        while not crowd.done():
            alive.append(await timed(client.get("/health/live")))
            await asyncio.sleep(0.05)
        for response, seconds in await crowd:
            assert (response.status_code, response.json()["code"]) == (503, "overloaded")
            assert response.headers["retry-after"] == "1"
            assert 1.9 <= seconds < 4.0
    assert {response.status_code for response, _ in alive} == {200}
    assert sorted(seconds for _, seconds in alive)[len(alive) // 2] < 0.1
    response, seconds = await timed(client.get(project.tasks_path))
    assert response.status_code == 200
    assert seconds < 1.0


async def test_those_who_wait_are_served_in_the_order_they_came(start: Open) -> None:
    make = start(TASKAPI_DATABASE_POOL_SIZE=1, TASKAPI_DATABASE_POOL_TIMEOUT=30)
    project = await make.project()
    client = make.client(project.owner)
    await client.get(project.tasks_path)
    served: list[int] = []

    async def ask(number: int) -> None:
        assert (await client.get(project.tasks_path)).status_code == 200
        served.append(number)

    holder = make.app.state.parts.database.writer()
    await holder.open()
    waiting = [asyncio.create_task(ask(number)) for number in range(50)]
    await asyncio.sleep(0.2)
    await holder.close()
    newcomers = [asyncio.create_task(ask(number)) for number in range(50, 60)]
    await asyncio.gather(*waiting, *newcomers)
    assert served == sorted(served)
