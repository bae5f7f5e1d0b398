"""Load balancers are told the truth, everybody the version, and administrators the parts."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import taskapi
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory
from tests.support.statements import Counting

GOOD = {"database": "ok", "migrations": "ok"}


async def test_a_process_that_answers_is_alive(client: httpx.AsyncClient, count_statements: Counting) -> None:
    async with count_statements() as seen:
        assert (await client.get("/health/live")).json() == {"status": "ok"}
    assert seen == []


async def test_ready_is_a_database_with_the_newest_schema(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "writes": True, "checks": GOOD})


async def test_pending_migrations_are_not_ready(client: httpx.AsyncClient, tables: Any) -> None:
    await tables.execute("UPDATE alembic_version SET version_num = '0000'")
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["checks"] == GOOD | {"migrations": "failing"}


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
