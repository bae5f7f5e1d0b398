"""Services to attack: a process behind a socket, and one in this process that is patient with crowds."""

from collections.abc import AsyncIterator, Iterator

import pytest

from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.observing import execute, rows
from tests.adversity.serving import Service, serve
from tests.support import databases
from tests.support.databases import Template
from tests.support.factory import Factory


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


@pytest.fixture
async def crowd(database_url: str, quick_passwords: Passwords) -> AsyncIterator[Factory]:
    """Like `live`, but nobody is turned away for waiting: for races in which everybody has to take part."""
    database = Database(databases.settings_for(database_url, TASKAPI_DATABASE_POOL_TIMEOUT=60))
    yield Factory(create_app(Settings(), database, quick_passwords))
    await database.dispose()
