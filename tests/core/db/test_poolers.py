"""Through PgBouncer in transaction mode everything works; a pooler that would break it is refused by the start."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskapi import worker
from taskapi.core.db import migrations, reachability
from taskapi.core.db.database import Database
from taskapi.core.refused import Refused
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import DatabaseSettings, Settings
from tests.support import databases
from tests.support.databases import Template, settings_for
from tests.support.factory import Factory
from tests.support.pooler import pooler
from tests.support.shell import Shell
from tests.support.tcp_server import tcp_server

pytestmark = pytest.mark.slow

TASKS = "/api/v1/projects/WEB/tasks"
TRUST = "host all all 127.0.0.1/32 trust\n"
CLIENTS, REQUESTS_EACH = 16, 63


@dataclass(frozen=True)
class Ways:
    """To one database: through the pooler, and past it."""

    pooled: str
    direct: str

    def settings(self, **values: Any) -> DatabaseSettings:
        return settings_for(self.pooled, DATABASE_DIRECT_URL=self.direct, **values)


@pytest.fixture(scope="module")
def server_port() -> Iterator[int]:
    with tcp_server({}, TRUST, {}) as port:
        yield port


@pytest.fixture(scope="module")
def pooled_template(server_port: int) -> Iterator[Template]:
    with databases.template(f"postgresql+asyncpg://postgres@127.0.0.1:{server_port}/postgres") as made:
        yield made


@pytest.fixture(scope="module")
def pooler_port(server_port: int) -> Iterator[int]:
    with pooler(server_port) as port:
        yield port


@pytest.fixture
async def ways(pooled_template: Template, server_port: int, pooler_port: int) -> AsyncIterator[Ways]:
    async with pooled_template.cloned("pooled") as url:
        yield Ways(url.replace(f":{server_port}/", f":{pooler_port}/"), url)


@pytest.fixture
async def through(ways: Ways, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    database = Database(ways.settings(TASKAPI_DATABASE_POOL_TIMEOUT=60))
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()


async def test_the_start_takes_it_and_migrations_go_past_it(ways: Ways) -> None:
    await migrations.downgrade(ways.direct, "0016")
    with pytest.raises(Refused, match="taskapi migrate"):
        await reachability.require_database(ways.settings())
    await asyncio.gather(*(migrations.upgrade(str(ways.settings().session_url)) for _ in range(3)))
    await reachability.require_database(ways.settings())


async def test_people_sign_in_and_work(through: Factory) -> None:
    async with through.client() as client:
        ana = {"username": "ana", "email": "ana@example.com", "password": "nine quiet lighthouses"}
        assert (await client.post("/api/v1/auth/register", json=ana)).status_code == 201
        signed_in = await client.post("/api/v1/auth/login", json={"username": "ana", "password": ana["password"]})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        await client.post("/api/v1/projects", json={"key": "WEB", "name": "Website"})
        made = await client.post(TASKS, json={"title": "First"}, headers={"Idempotency-Key": "once"})
        again = await client.post(TASKS, json={"title": "First"}, headers={"Idempotency-Key": "once"})
        match = {"If-Match": made.headers["ETag"]}
        changed = await client.patch("/api/v1/tasks/WEB-1", json={"title": "Second"}, headers=match)
        stale = await client.patch("/api/v1/tasks/WEB-1", json={"title": "Third"}, headers=match)
        found = await client.get(TASKS, params={"q": "second", "sort": "title"})
        removed = await client.delete("/api/v1/tasks/WEB-1")
    assert again.json() == made.json()
    assert (changed.status_code, stale.status_code, removed.status_code) == (200, 412, 204)
    assert [task["title"] for task in found.json()["items"]] == ["Second"]


async def test_races_have_one_winner_and_numbers_no_gaps(through: Factory) -> None:
    project = await through.project(key="WEB")
    async with through.client(project.owner) as owner:
        made = await asyncio.gather(*(owner.post(TASKS, json={"title": f"Task {n}"}) for n in range(40)))
        match = {"If-Match": next(answer.headers["ETag"] for answer in made if answer.json()["key"] == "WEB-1")}
        won = await asyncio.gather(
            *(owner.patch("/api/v1/tasks/WEB-1", json={"title": f"{n}"}, headers=match) for n in range(20))
        )
        once = {"Idempotency-Key": "the same"}
        same = await asyncio.gather(*(owner.post(TASKS, json={"title": "X"}, headers=once) for _ in range(10)))
    assert sorted(int(answer.json()["key"].removeprefix("WEB-")) for answer in made) == list(range(1, 41))
    assert Counter(answer.status_code for answer in won) == {200: 1, 412: 19}
    assert {answer.json()["key"] for answer in same if answer.status_code == 201} == {"WEB-41"}


async def test_jobs_of_requests_are_done_by_a_worker(through: Factory, ways: Ways, tmp_path: Path) -> None:
    await through.user()
    async with through.client() as client:
        person = {"username": "bo", "email": "bo@example.com", "password": "nine quiet lighthouses"}
        assert (await client.post("/api/v1/auth/register", json=person)).status_code == 201
    driver = await databases.connect(ways.direct)
    assert await driver.fetchval("SELECT count(*) FROM jobs.pgqueuer") > 0
    settings = Settings(database=ways.settings(), data_dir=tmp_path)
    # Two at once: each sweep is one worker's, by a lock that a session holds.
    assert all(await asyncio.gather(worker.work_once(settings), worker.work_once(settings)))
    assert await driver.fetchval("SELECT count(*) FROM jobs.pgqueuer") == 0
    assert await driver.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    await driver.close()


async def test_sixteen_clients_have_a_thousand_answers_and_no_error(through: Factory) -> None:
    project = await through.project(key="WEB")

    async def be_busy(owner: httpx.AsyncClient, number: int) -> list[int]:
        seen = []
        for n in range(REQUESTS_EACH // 3):
            made = await owner.post(TASKS, json={"title": f"{number} {n}"})
            changed = await owner.patch(f"/api/v1/tasks/{made.json()['key']}", json={"priority": "high"})
            listed = await owner.get(TASKS, params={"limit": 20, "sort": ("title", "-created_at", "rank")[n % 3]})
            seen += [made.status_code, changed.status_code, listed.status_code]
        return seen

    async with through.client(project.owner) as owner:
        seen = await asyncio.gather(*(be_busy(owner, number) for number in range(CLIENTS)))
    each = CLIENTS * REQUESTS_EACH // 3
    assert Counter(status for statuses in seen for status in statuses) == {201: each, 200: 2 * each}


@contextmanager
def another(server_port: int, ways: Ways, **changed: str | None) -> Iterator[str]:
    """The database's address through a pooler that is set up otherwise."""
    with pooler(server_port, **changed) as port:
        yield ways.direct.replace(f":{server_port}/", f":{port}/")


async def refusal(settings: DatabaseSettings) -> str:
    with pytest.raises(Refused) as refused:
        await reachability.wait_for_database(settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_one_that_loses_prepared_statements_is_refused(server_port: int, ways: Ways) -> None:
    """As those before 1.21 do, and later ones that are told to."""
    with another(server_port, ways, max_prepared_statements="0") as url:
        told = await refusal(settings_for(url, DATABASE_DIRECT_URL=ways.direct))
    assert told.endswith(
        "loses prepared statements: use PgBouncer 1.21 or newer with max_prepared_statements = 500, or its session mode"
    )


async def test_one_without_a_way_past_it_is_refused(ways: Ways) -> None:
    for settings in (settings_for(ways.pooled), settings_for(ways.pooled, DATABASE_DIRECT_URL=ways.pooled)):
        told = await refusal(settings)
        assert told.endswith("is a pooler in transaction mode: set TASKAPI_DATABASE_DIRECT_URL to the server itself")


async def test_one_that_takes_no_startup_parameters_is_refused(server_port: int, ways: Ways) -> None:
    with another(server_port, ways, ignore_startup_parameters=None) as url:
        told = await refusal(settings_for(url, DATABASE_DIRECT_URL=ways.direct))
    assert "unsupported startup parameter: " in told
    assert told.endswith("ignore_startup_parameters = jit,statement_timeout,idle_in_transaction_session_timeout")


async def test_in_session_mode_it_needs_no_way_past_it(server_port: int, ways: Ways) -> None:
    with another(server_port, ways, pool_mode="session", max_prepared_statements="0") as url:
        settings = settings_for(url)
        assert await reachability.wait_for_database(settings) == settings.url
        await reachability.require_database(settings)


async def test_doctor_and_migrate_say_the_same_in_a_line(ways: Ways, shell: Shell) -> None:
    secret = {"TASKAPI_SECRET_KEY": "a secret of the tests, and long enough", "TASKAPI_DATABASE_URL": ways.pooled}
    migrated = await asyncio.to_thread(shell.run, "migrate", **secret)
    examined = await asyncio.to_thread(shell.run, "doctor", **secret)
    assert "is a pooler in transaction mode: set TASKAPI_DATABASE_DIRECT_URL" in migrated.stderr
    assert "is a pooler in transaction mode" in examined.stdout
    assert "→ set TASKAPI_DATABASE_DIRECT_URL to the server itself" in examined.stdout
    assert (migrated.returncode, migrated.stderr.count("\n"), examined.returncode) == (2, 1, 1)


def test_a_second_way_without_a_first_is_refused(shell: Shell) -> None:
    told = shell.run("doctor", TASKAPI_DATABASE_DIRECT_URL="postgresql://localhost/taskapi").stdout
    assert "TASKAPI_DATABASE_DIRECT_URL: is a second way to TASKAPI_DATABASE_URL, which is not set" in told
