"""`taskapi restore FILE`."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import asyncpg
import structlog
import typer

from taskapi.cli.backup import archive, checking, dumping, emptying, loading, place
from taskapi.cli.backup.checking import Checked
from taskapi.cli.backup.emptying import Found
from taskapi.cli.backup.manifest import Manifest
from taskapi.cli.signals import until_signalled
from taskapi.core import startup
from taskapi.core.db import migrations, reachability, rights
from taskapi.core.db.connections import connect
from taskapi.core.errors import AppError
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.core.storage.opening import storage_of
from taskapi.core.storage.storage import Storage
from taskapi.settings import Settings

log = structlog.stdlib.get_logger("taskapi.backup")

_INTERRUPTED: Final = 130
_LOOKS: Final = 50
_BETWEEN_LOOKS: Final = 0.1
_NUMBERS_A_SECOND: Final = 150_000
_WORTH_TELLING: Final = 10 * _NUMBERS_A_SECOND


def restore(file: Path, *, replace: bool) -> None:
    settings = startup.load_settings()
    logs.configure(settings, sys.stderr)
    done = False
    with until_signalled(), checking.opened(file) as source:
        checked = asyncio.run(checking.check(source))
        with place.to_write_to(settings) as found:
            typer.echo(asyncio.run(bring_back(found, checked, replace=replace)))
            done = True
    if not done:
        raise Refused("interrupted: all of the backup has come back, or nothing", exit_code=_INTERRUPTED)


async def bring_back(settings: Settings, checked: Checked, *, replace: bool) -> str:
    url = await reachability.wait_for_database(settings.database)
    storage = storage_of(settings)
    with rights.required_to_migrate(url):
        async with _alone(url, checked.manifest, replace=replace) as (connection, found):
            if checked.files:
                await _put_files(storage, checked)
            with _refusing():
                await loading.pass_numbers(connection, checked.manifest, _tell_of_numbers)
                await loading.load(connection, checked.program, checked.manifest, checked.dump, found)
                await connection.execute("ANALYZE")
    log.info("backup.restored", taken_at=checked.manifest.taken_at.isoformat(), taskapi=checked.manifest.taskapi)
    await migrations.upgrade(url)
    return _told(settings, checked)


@contextmanager
def _refusing() -> Iterator[None]:
    """What the server says is for the person at the terminal; a right that is missing is explained further out."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError:
        raise
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise Refused(f"the database does not take the backup, and keeps what it had: {reason}", exit_code=1) from error


@asynccontextmanager
async def _alone(url: str, manifest: Manifest, *, replace: bool) -> AsyncIterator[tuple[asyncpg.Connection, Found]]:
    """A connection to a database that may be filled, while nobody migrates it."""
    connection = await connect(url, server_settings=dumping.UNHURRIED)
    try:
        await _require_fitting(connection, manifest)
        if not await migrations.try_to_hold(connection):
            raise Refused("the database is being migrated, or restored, by somebody else: wait for that", exit_code=1)
        found = await emptying.look(connection)
        emptying.require_replaceable(found, replace=replace)
        if not found.is_empty:
            await _require_nobody(connection)
        yield connection, found
    finally:
        connection.terminate()


async def _require_fitting(connection: asyncpg.Connection, manifest: Manifest) -> None:
    major = connection.get_server_version().major
    if major < manifest.postgresql:
        raise Refused(
            f"the backup is of PostgreSQL {manifest.postgresql}, and the server is {major}: "
            f"restore it to {manifest.postgresql} or newer",
            exit_code=1,
        )
    schema = await connection.fetchval("SELECT current_schema()")
    if schema != manifest.db_schema:
        raise Refused(f"the backup's tables are in the schema {manifest.db_schema}, and ours is {schema}", exit_code=1)


async def _require_nobody(connection: asyncpg.Connection) -> None:
    """Who has just hung up is seen a moment longer."""
    for _ in range(_LOOKS):
        if not (others := await emptying.others_of(connection)):
            return
        await asyncio.sleep(_BETWEEN_LOOKS)
    raise Refused(
        f"others are connected to the database ({', '.join(others)}): stop the API and the workers first", exit_code=1
    )


async def _put_files(storage: Storage, checked: Checked) -> None:
    """Before the database, which the end of its transaction makes the restored one: then its files are there.

    Keys are random, so that a file of the same key is the same file. Those that no row speaks of are swept away.
    """
    try:
        for member in archive.members(checked.source):
            if member.name.startswith(archive.FILES):
                await storage.put(member.name.removeprefix(archive.FILES), _given(member.chunks))
            else:
                for _ in member.chunks:
                    pass
    except AppError as error:
        raise Refused(f"cannot write the files ({error.detail}): the database is what it was", exit_code=1) from error


async def _given(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _tell_of_numbers(numbers: int) -> None:
    if numbers > _WORTH_TELLING:
        seconds = numbers // _NUMBERS_A_SECOND
        typer.echo(f"Using up {numbers:,} numbers of transactions for the log: about {seconds} s", err=True)


def _told(settings: Settings, checked: Checked) -> str:
    manifest = checked.manifest
    what = f"{manifest.rows:,} rows of {len(manifest.tables)} tables, {checked.files:,} files"
    lines = [
        f"Restored what was true at {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC: {what}",
        "Sessions and API tokens of that time work again, and jobs that were waiting are done now.",
    ]
    if manifest.revision != migrations.newest():
        lines.append(f"The schema went from {manifest.revision} to {migrations.newest()}.")
    if manifest.secret_key is not None and place.fingerprint(settings) != manifest.secret_key:
        lines.append(
            "The secret key is another one than that of the backup: sessions have ended, and what it sealed "
            "(authenticator apps, secrets of webhooks) cannot be read. Give TASKAPI_SECRET_KEY the old value."
        )
    return "\n".join(lines)
