"""Databases for tests: one server a run, a template made by the migrations, clones of it, and a rolled-back one."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, StaticPool, make_url

from taskapi import embedded
from taskapi.core.db import migrations
from taskapi.core.db.connections import Connections, TransactionCommands, engine_of
from taskapi.core.db.database import Database
from taskapi.core.fair_queue import FairQueue
from taskapi.embedded import EmbeddedServer
from taskapi.settings import DatabaseSettings

_PATIENCE = 30.0
_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3
_CLONES = "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = $1"


@dataclass(frozen=True)
class Template:
    """A migrated database without connections, to clone from."""

    admin_url: URL
    name: str

    def url(self, database: str) -> str:
        return self.admin_url.set(database=database).render_as_string(hide_password=False)

    @asynccontextmanager
    async def cloned(self, purpose: str) -> AsyncIterator[str]:
        """The URL of a migrated database that nobody else has."""
        async with self._database(purpose, f'TEMPLATE "{self.name}" STRATEGY FILE_COPY') as url:
            yield url

    @asynccontextmanager
    async def empty(self) -> AsyncIterator[str]:
        """The URL of a database that no migration has seen."""
        async with self._database("empty", "") as url:
            yield past_pooler(url)

    @asynccontextmanager
    async def _database(self, purpose: str, made_from: str) -> AsyncIterator[str]:
        name = f"taskapi_{purpose}_{uuid4().hex[:12]}"
        await self.execute(f'CREATE DATABASE "{name}" {made_from}')
        await self.execute(f"COMMENT ON DATABASE \"{name}\" IS '{self.name}'")
        try:
            yield self.url(name)
        finally:
            await self.drop(name)

    async def drop(self, name: str) -> None:
        await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def execute(self, statement: str) -> None:
        connection = await connect(self.url(self.admin_url.database or "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def connect(url: str) -> Any:  # asyncpg has no types
    """A connection of the test's own, past everything that is tested."""
    return await asyncpg.connect(past_pooler(url).replace("postgresql+asyncpg://", "postgresql://"))


def past_pooler(url: str) -> str:
    """The same database by TEST_DATABASE_DIRECT_URL, where TEST_DATABASE_URL leads through a pooler."""
    given, way = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_DATABASE_DIRECT_URL")
    if not given or not way or f":{make_url(given).port}/" not in url:
        return url
    return make_url(way).set(database=make_url(url).database).render_as_string(hide_password=False)


@contextmanager
def admin_url() -> Iterator[str]:
    """The server of TEST_DATABASE_URL, or a throwaway one."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield DatabaseSettings(DATABASE_URL=given).url or ""
        return
    folder = Path(tempfile.mkdtemp(prefix="taskapi-test-", dir=_place()))
    folder.chmod(0o755)
    try:
        with embedded.start(folder / "postgres", embedded.THROWAWAY) as server:
            admit_every_role(server)
            yield server.url("postgres")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def admit_every_role(server: EmbeddedServer) -> None:
    """Who gets at the socket may be any role, and a standby: taskapi itself knows but one."""
    rules = server.data_dir / "cluster" / "pg_hba.conf"
    rules.write_text("local all all trust\nlocal replication all trust\n")
    os.kill(server.pid, signal.SIGHUP)


def _place() -> Path | None:
    """In memory where there is room: a clone takes 9 ms there, and 175 on a disk."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if roomy else None


@contextmanager
def template(server: str) -> Iterator[Template]:
    made = Template(make_url(server), f"taskapi_template_{uuid4().hex[:8]}")
    try:
        asyncio.run(_build(made))
        yield made
    finally:
        asyncio.run(_clear_away(made))


async def _build(template: Template) -> None:
    await template.execute(f'CREATE DATABASE "{template.name}"')
    await migrations.upgrade(past_pooler(template.url(template.name)))


async def _clear_away(template: Template) -> None:
    """With the clones of tests that were interrupted."""
    connection = await connect(template.url(template.admin_url.database or "postgres"))
    try:
        left = await connection.fetch(_CLONES, template.name)
    finally:
        await connection.close()
    for name in (*(row["datname"] for row in left), template.name):
        await template.drop(name)


def ways_to(url: str) -> dict[str, str]:
    """As a process is told of a database in its environment."""
    direct = past_pooler(url)
    return {"DATABASE_URL": url} if direct == url else {"DATABASE_URL": url, "DATABASE_DIRECT_URL": direct}


def settings_for(url: str, **values: Any) -> DatabaseSettings:
    return DatabaseSettings(**{**ways_to(url), **values})


def patient_settings_for(url: str) -> DatabaseSettings:
    """Nobody is turned away for waiting, so that a race has all of its runners on a busy machine too."""
    return settings_for(url, TASKAPI_DATABASE_POOL_TIMEOUT=60, TASKAPI_DATABASE_STATEMENT_TIMEOUT=60)


class RolledBackDatabase(Database):
    """All sessions share one connection and one transaction, which the test rolls back; theirs are savepoints.

    One place in the queue: code that held a session and asked for another would need two connections of a pool,
    and could lock itself out. Here it does so at once, with a 503.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        begin, rollback = "SAVEPOINT unit", "ROLLBACK TO SAVEPOINT unit"
        commands = TransactionCommands(begin, "RELEASE SAVEPOINT unit", rollback, begin_snapshot=begin)
        super().__init__(settings, commands)
        assert settings.url is not None
        engine = engine_of(
            settings.url,
            isolation_level="AUTOCOMMIT",
            poolclass=StaticPool,
            connect_args={"server_settings": {"TimeZone": "UTC", "jit": "off"}},
        )
        self.queue = FairQueue(1, _PATIENCE, "A session is held while another is asked for")
        self.primary = Connections(engine, self.queue, commands, _PATIENCE)

    @asynccontextmanager
    async def rolled_back(self) -> AsyncIterator[Any]:
        """The driver's connection, for looking at tables."""
        async with self.primary.engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("BEGIN")
            try:
                yield driver
            finally:
                await driver.execute("ROLLBACK")
