"""The primary's address leads to a standby: reads go on, and writes from the moment it is promoted."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from taskapi import embedded
from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.embedded.server import Profile
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.observing import execute, until
from tests.support import databases
from tests.support.answers import problem
from tests.support.api_tokens import api_token
from tests.support.factory import Factory, MadeProject

AS_A_PRIMARY_HAS_IT = Profile({**embedded.THROWAWAY.settings, "wal_level": "replica"}, durable=False)


@asynccontextmanager
async def application(url: str, passwords: Passwords) -> AsyncIterator[Factory]:
    database = Database(databases.settings_for(url))
    yield Factory(create_app(Settings(), database, passwords))
    await database.dispose()


async def _fill(url: str, passwords: Passwords) -> tuple[MadeProject, str]:
    async with application(url, passwords) as make:
        project = await make.project()
        await make.task(project)
        return project, await api_token(make, project.owner, "tasks:read")


@pytest.fixture
def standby(tmp_path: Path, quick_passwords: Passwords) -> Iterator[tuple[str, MadeProject, str]]:
    """Its address, and what was written while it was a primary: a project, and an API token of its owner."""
    tmp_path.chmod(0o755)
    data = tmp_path / "data"
    with embedded.start(data, AS_A_PRIMARY_HAS_IT) as primary:
        asyncio.run(embedded.ensure_database(primary, "taskapi"))
        url = primary.url("taskapi")
        asyncio.run(migrations.upgrade(url))
        written = asyncio.run(_fill(url, quick_passwords))
    cluster = next(path.parent for path in data.rglob("PG_VERSION") if (path.parent / "global").is_dir())
    signal, owner = cluster / "standby.signal", cluster.stat()
    signal.touch()
    os.chown(signal, owner.st_uid, owner.st_gid)
    with embedded.start(data, AS_A_PRIMARY_HAS_IT):
        yield url, *written


async def test_a_standby_is_read_from_and_written_to_once_it_is_promoted(
    standby: tuple[str, MadeProject, str], quick_passwords: Passwords
) -> None:
    url, project, token = standby
    new = {"title": "x"}
    async with application(url, quick_passwords) as make:
        client = make.client(project.owner)
        assert (await client.get("/health/ready")).json()["writes"] is False
        for key in ("one", "another"):
            refused = await client.post(project.tasks_path, json=new, headers={"Idempotency-Key": key})
            assert problem(refused) == (503, "database_read_only")
            assert problem(await client.post(project.tasks_path, json=new)) == (503, "database_read_only")
            assert len((await client.get(project.tasks_path)).json()["items"]) == 1
        async with make.client() as script:
            bearer = {"Authorization": f"Bearer {token}"}
            assert (await script.get(project.tasks_path, headers=bearer)).status_code == 200
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["writes"]) == (200, False)
        await execute(url, "SELECT pg_promote()")

        async def it_is_written_to() -> bool:
            return (await client.post(project.tasks_path, json=new)).status_code == 201

        await until(it_is_written_to)
        assert (await client.get("/health/ready")).json()["writes"] is True
