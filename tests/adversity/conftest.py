"""Services to attack: a process behind a socket, and one in this process that is patient with crowds."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.adversity.observing import execute, rows
from tests.adversity.serving import Service, serve
from tests.support.databases import Template


@pytest.fixture(scope="session")
async def service_database(template: Template) -> AsyncIterator[str]:
    async with template.cloned("service") as url:
        yield url


@pytest.fixture(scope="session")
def service(service_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serve(service_database, tmp_path_factory.mktemp("service"), TASKAPI_RATE_LIMIT="off") as served:
        yield served


@pytest.fixture(scope="session")
async def arena(template: Template) -> AsyncIterator[str]:
    async with template.cloned("arena") as url:
        yield url


@pytest.fixture
async def database_url(arena: str) -> str:
    """Emptied for each test, which takes a tenth of the time of a clone of its own."""
    tables = await rows(arena, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    emptied = ", ".join(row["tablename"] for row in tables if row["tablename"] != "alembic_version")
    await execute(arena, f"TRUNCATE {emptied} RESTART IDENTITY")
    return arena
