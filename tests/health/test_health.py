"""Load balancers are told the truth, everybody the version, and administrators the parts."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

import taskapi
from taskapi.core.db import migrations
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory
from tests.support.metrics import figure
from tests.support.statements import Counting

GOOD = {"database": "ok", "migrations": "ok"}
OLDER, NEWER = "0001", "9999"


async def test_a_process_that_answers_is_alive(client: httpx.AsyncClient, count_statements: Counting) -> None:
    async with count_statements() as seen:
        assert (await client.get("/health/live")).json() == {"status": "ok"}
    assert seen == []


async def test_ready_is_a_database_with_the_schema_of_this_version(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "writes": True, "checks": GOOD})
    assert await figure(client, "taskapi_schema_ahead") == 0
    assert await figure(client, "taskapi_database_takes_writes") == 1


@pytest.mark.parametrize(
    "left",
    [
        f"UPDATE alembic_version SET version_num = '{OLDER}'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ],
)
async def test_a_schema_that_is_behind_is_not_ready(client: httpx.AsyncClient, tables: Any, left: str) -> None:
    await tables.execute(left)
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["checks"] == GOOD | {"migrations": "behind"}


async def test_a_schema_that_is_ahead_is_ready_and_told_of(
    client: httpx.AsyncClient, tables: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tables.execute(f"UPDATE alembic_version SET version_num = '{NEWER}'")
    migrations.warn_of.cache_clear()
    warned = SimpleNamespace(warning=Mock())
    monkeypatch.setattr(migrations, "log", warned)
    answers = [await client.get("/health/ready") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    checks = GOOD | {"migrations": "ahead"}
    assert answers[0].json() == {"status": "ok", "checks": checks, "writes": True}
    warned.warning.assert_called_once()
    assert await figure(client, "taskapi_schema_ahead") == 1
    await tables.execute("UPDATE alembic_version SET version_num = $1", migrations.newest())
    await client.get("/health/ready")
    assert await figure(client, "taskapi_schema_ahead") == 0


async def test_a_database_that_takes_no_writes_is_ready_for_reads(client: httpx.AsyncClient, tables: Any) -> None:
    await tables.execute("SET LOCAL transaction_read_only = on")
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": GOOD, "writes": False})
    assert await figure(client, "taskapi_database_takes_writes") == 0


@pytest.fixture
def leaving(make: Factory) -> Iterator[None]:
    make.app.state.parts.leaving.set()
    yield
    make.app.state.parts.leaving.clear()


@pytest.mark.usefixtures("leaving")
async def test_draining_is_not_ready_but_alive(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "draining", "writes": True, "checks": GOOD})
    assert (await client.get("/health/live")).is_success


async def test_the_parts_are_for_administrators(
    client: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    brief = {"status": "ok", "version": taskapi.__version__}
    assert (await client.get("/health")).json() == brief
    assert (await client_for(await make.user()).get("/health")).json() == brief
    full = (await client_for(await make.user(admin=True)).get("/health")).json()
    assert full["components"].keys() == {"python", "postgresql", "migration"}


async def test_a_wrong_token_is_refused_even_here(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health", headers={"Authorization": "Bearer nonsense"})
    assert problem(answer) == (401, "invalid_token")
