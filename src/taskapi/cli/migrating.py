"""`taskapi migrate`."""

import asyncio

import typer
from alembic.util import CommandError

from taskapi.cli import home
from taskapi.core import startup
from taskapi.core.db import migrations, reachability
from taskapi.core.refused import Refused
from taskapi.settings import DatabaseSettings

_PENDING = 3


def migrate(*, check: bool) -> None:
    database = home.with_database(startup.load_settings()).database
    if not check:
        typer.echo("The schema is the newest" if asyncio.run(_upgrade(database)) else "Nothing to do")
    elif asyncio.run(_is_pending(database)):
        raise Refused("migrations are pending: run `taskapi migrate`", exit_code=_PENDING)
    else:
        typer.echo("Nothing to do")


async def _upgrade(database: DatabaseSettings) -> bool:
    """Whether there was something to do."""
    if not await _is_pending(database):
        return False
    assert database.session_url is not None
    try:
        await migrations.upgrade(database.session_url)
    except CommandError as error:
        raise Refused(f"{error}: was this database migrated by a newer taskapi?", exit_code=1) from error
    return True


async def _is_pending(database: DatabaseSettings) -> bool:
    return await migrations.is_pending(await reachability.wait_for_database(database))
