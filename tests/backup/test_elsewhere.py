"""Backups of files in S3, of the oldest PostgreSQL, of an issue tracker's past; and a restore that is killed."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from taskapi.core.refused import Refused
from taskapi.core.secrets.passwords import Passwords
from taskapi.settings import StorageSettings
from tests.backup.conftest import Place
from tests.backup.test_drill import FILES, closed, serving
from tests.imports.conftest import form, run_import
from tests.imports.readers.reading import SAMPLES
from tests.support import databases
from tests.support.databases import Template
from tests.support.factory import Factory
from tests.support.oldest import OLDEST_BIN, oldest_server
from tests.support.s3 import BUCKET, S3Server
from tests.support.shell import Shell

pytestmark = pytest.mark.slow
_PATIENCE = 60.0

# Then the server of all other tests is no newer one.
SUITE_IS_OLDEST = os.environ.get("PG_BINDIR") == str(OLDEST_BIN)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()


def in_bucket(place: Place, server: S3Server) -> Place:
    """With its files in a folder of the bucket, empty."""
    storage = StorageSettings.model_validate(
        {
            "STORAGE_URL": f"s3://{BUCKET}/{uuid4().hex}",
            "TASKAPI_STORAGE_ENDPOINT": server.endpoint,
            "TASKAPI_STORAGE_REGION": "eu-central-1",
            "TASKAPI_STORAGE_ACCESS_KEY_ID": "somebody",
            "TASKAPI_STORAGE_SECRET_ACCESS_KEY": "a secret",
        }
    )
    return replace(place, settings=place.settings.model_copy(update={"storage": storage}))


async def filled(live: Factory) -> None:
    """With an issue tracker's past: facts of years ago, written by an import."""
    owner = await live.user("mira")
    await live.project(owner, "WEB")
    content = (SAMPLES / "jira-issues.ndjson").read_bytes()
    async with live.client(owner) as client:
        begun = await client.post("/api/v1/projects/WEB/imports", **form(content, format="jira"))
        await run_import(live.app, begun.json()["id"])
        assert (await client.get(begun.headers["location"])).json()["created"] == 2


async def test_files_of_a_bucket_come_back_to_another_one_and_to_a_directory(
    live: Factory, source: Place, empty: Place, template: Template, s3: S3Server, tmp_path: Path
) -> None:
    await filled(live)
    bucket, other = in_bucket(source, s3), in_bucket(empty, s3)
    await bucket.put(FILES)
    assert "3 files" in await bucket.back_up(tmp_path / "b")
    assert await other.files() == {}
    assert "3 files" in await other.restore(tmp_path / "b")
    assert await other.files() == FILES
    assert await other.contents() == await bucket.contents()
    async with template.empty() as url:
        directory = Place.at(url, tmp_path / "directory")
        await directory.restore(tmp_path / "b")
        assert await directory.files() == FILES


async def test_where_the_bucket_does_not_answer_the_database_stays(
    live: Factory, source: Place, empty: Place, s3: S3Server, tmp_path: Path
) -> None:
    await filled(live)
    await source.put(FILES)
    await source.back_up(tmp_path / "b")
    gone = in_bucket(empty, replace(s3, port=1))
    await empty.restore(tmp_path / "b")
    was = await empty.contents()
    with pytest.raises(Refused, match=r"cannot write the files .*: the database is what it was"):
        await gone.restore(tmp_path / "b", replace=True)
    assert await empty.contents() == was


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    with oldest_server(tmp_path_factory.mktemp("oldest")) as url, databases.template(url) as made:
        yield made


@pytest.fixture
async def old(oldest: Template, tmp_path: Path) -> AsyncIterator[Place]:
    async with oldest.cloned("backup") as url:
        yield Place.at(url, tmp_path / "old")


@pytest.mark.parametrize("programs", ["its own", "those of the newest"])
async def test_the_oldest_postgresql_gives_and_takes_a_backup_and_the_newest_takes_it_too(
    programs: str,
    old: Place,
    oldest: Template,
    empty: Place,
    source: Place,
    quick_passwords: Passwords,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if programs == "its own":
        monkeypatch.setenv("PG_BINDIR", str(OLDEST_BIN))
    service = serving(old, quick_passwords)
    await filled(service)
    await closed(service)
    await old.put(FILES)
    await old.back_up(tmp_path / "of-15")
    was = await old.contents()
    async with oldest.empty() as url:
        again = Place.at(url, tmp_path / "again")
        await again.restore(tmp_path / "of-15")
        assert (await again.contents(), await again.files()) == (was, FILES)
        if not SUITE_IS_OLDEST:
            monkeypatch.delenv("PG_BINDIR", raising=False)
            await source.back_up(tmp_path / "of-the-newest")
            with pytest.raises(Refused, match="restore it to"):
                await again.restore(tmp_path / "of-the-newest", replace=True)
            assert await again.contents() == was
    await empty.restore(tmp_path / "of-15")
    assert await empty.contents() == was


@pytest.mark.parametrize("later", [0.0, 0.3])
async def test_a_restore_that_is_killed_leaves_the_database_that_was_there(
    later: float, live: Factory, source: Place, direct_url: str, server: str, tmp_path: Path
) -> None:
    """Or has come back whole, if it was faster; and once more, it comes back."""
    await filled(live)
    await source.put(FILES)
    await source.back_up(tmp_path / "b")
    there = await source.contents()
    await live.task(await live.project(key="LATER"), "Later")
    await closed(live)
    was = await source.contents()
    url = databases.past_pooler(direct_url)
    watching = await databases.connect(server)
    shell = Shell(tmp_path)
    settings = {"DATABASE_URL": url, "STORAGE_URL": f"file://{source.settings.data_dir}/files"}
    with shell.start("restore", str(tmp_path / "b"), "--replace", **settings) as running:
        await until_in_its_transaction(watching, url, running.process.poll)
        await asyncio.sleep(later)
        running.kill()
    await until_nobody_is_there(watching, url)
    await watching.close()
    now = await source.contents()
    assert now == was or (later and now == there)
    assert {name: content for name, content in (await source.files()).items() if name in FILES} == FILES
    await source.restore(tmp_path / "b", replace=True)
    assert await source.contents() == there


_WRITES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = $1 AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""
_THERE = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


async def until_in_its_transaction(watching: asyncpg.Connection, url: str, ended: Callable[[], int | None]) -> None:
    await _until(watching, url, _WRITES, lambda count: count > 0 or ended() is not None)


async def until_nobody_is_there(watching: asyncpg.Connection, url: str) -> None:
    """The server sees at its next read or write that the other end is gone, and takes back what was not committed."""
    await _until(watching, url, _THERE, lambda count: count == 0)


async def _until(watching: asyncpg.Connection, url: str, asked: str, holds: Callable[[int], bool]) -> None:
    name, deadline = make_url(url).database, time.monotonic() + _PATIENCE
    while not holds(await watching.fetchval(asked, name)):
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.005)
