"""A service with files, its settings, and backups of it made in this process, as the command makes them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taskapi.cli.backup import checking, restoring, saving
from taskapi.core.storage.opening import storage_of
from taskapi.settings import Settings, StorageSettings
from tests.support import databases
from tests.support.databases import Template

# In an order that shows whether rows are the same, whatever is in them.
_CONTENT = "SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {table} AS t"
_TABLES = """
    SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND nspname IN ('public', 'jobs') ORDER BY 1
"""
Fill = Callable[[Settings, dict[str, bytes]], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """A database and a directory of files."""

    settings: Settings

    @classmethod
    def at(cls, url: str, data_dir: Path) -> "Place":
        storage = StorageSettings(TASKAPI_STORAGE_URL=f"file://{data_dir}/files")
        return cls(Settings(database=databases.settings_for(url), data_dir=data_dir, storage=storage))

    @property
    def url(self) -> str:
        return databases.past_pooler(self.settings.database.url or "")

    async def back_up(self, file: Path) -> str:
        return await saving.write(self.settings, str(file))

    async def restore(self, file: Path, *, replace: bool = False) -> str:
        with checking.opened(file) as source:
            return await restoring.bring_back(self.settings, await checking.check(source), replace=replace)

    async def put(self, files: dict[str, bytes]) -> None:
        storage = storage_of(self.settings)
        for key, content in files.items():

            async def chunks(whole: bytes = content) -> AsyncIterator[bytes]:
                for start in range(0, len(whole), 100_000):
                    yield whole[start : start + 100_000]

            await storage.put(key, chunks())

    async def files(self) -> dict[str, bytes]:
        storage = storage_of(self.settings)
        return {
            stored.key: b"".join([part async for part in storage.read(stored.key)]) async for stored in storage.list("")
        }

    async def contents(self) -> dict[str, Any]:
        """A hash of all rows of each table; but for what is told of the return itself."""
        connection = await databases.connect(self.url)
        try:
            await connection.execute("SET TimeZone = 'UTC'")
            await connection.execute("CREATE TEMP VIEW log AS SELECT * FROM events WHERE kind <> 'backup.restored'")
            tables = [row[0] for row in await connection.fetch(_TABLES)]
            found = {
                name: await connection.fetchval(_CONTENT.format(table=name))
                for name in tables
                if name != "public.events"
            }
            return {**found, "events": await connection.fetchval(_CONTENT.format(table="log"))}
        finally:
            await connection.close()


@pytest.fixture
async def empty(template: Template, tmp_path: Path) -> AsyncIterator[Place]:
    """Where nothing is yet."""
    async with template.empty() as url:
        yield Place.at(url, tmp_path / "empty")


@pytest.fixture
def source(database_url: str, tmp_path: Path) -> Place:
    """Where `live` is, with files."""
    return Place.at(database_url, tmp_path / "source")
