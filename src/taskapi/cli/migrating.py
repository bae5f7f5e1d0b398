"""`taskapi migrate`."""

import asyncio
import sys

import typer

from taskapi.cli import home
from taskapi.core import startup
from taskapi.core.db import migrations, reachability
from taskapi.core.db.migrations import Standing
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.settings import DatabaseSettings

_PENDING = 3


def migrate(*, check: bool, schema_only: bool) -> None:
    settings = startup.load_settings()
    logs.configure(settings, sys.stderr)
    startup.warn_of_misspelt(settings)
    database = home.with_database(settings).database
    if check:
        found = asyncio.run(_standing(database))
        if found.is_behind:
            raise Refused(f"{found}: run `taskapi migrate`", exit_code=_PENDING)
        typer.echo(_nothing_to_do(found))
    else:
        typer.echo(asyncio.run(_migrate(database, schema_only=schema_only)))


async def _migrate(database: DatabaseSettings, *, schema_only: bool) -> str:
    """What was done, in words. `schema_only` is for `taskapi run`, which has imported the log's readers already."""
    before = await _standing(database)
    if not before.is_behind:
        return _nothing_to_do(before)
    assert database.session_url is not None
    await migrations.upgrade(database.session_url)
    if not schema_only:
        from taskapi.cli import log_readers

        await log_readers.begin(database)
    after = await migrations.standing(database.session_url)
    return f"The schema went from {before.applied or 'nothing'} to {after.applied}"


async def _standing(database: DatabaseSettings) -> Standing:
    return await migrations.standing(await reachability.wait_for_database(database))


def _nothing_to_do(found: Standing) -> str:
    return f"Nothing to do: {found}"
