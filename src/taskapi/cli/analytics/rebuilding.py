"""`taskapi analytics rebuild`: what is kept for reports is thrown away, for a worker to make it anew."""

import asyncio
import sys

import typer

from taskapi.analytics.phases import service
from taskapi.cli import home
from taskapi.cli.first_people import parts_of
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.db.database import unit_of_work
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.settings import Settings


def rebuild() -> None:
    settings = home.with_database(startup.load_settings())
    logs.configure(settings, sys.stderr)  # standard output is for what was asked
    asyncio.run(reachability.require_database(settings.database))
    if not asyncio.run(_rebuild(settings)):
        raise Refused(
            "The change log does not go back to its beginning any more (TASKAPI_LOG_KEEP_DAYS), and what reports read "
            "does: it was left as it is",
            exit_code=1,
        )
    typer.echo("The workers read the change log from its beginning now; reports are right meanwhile, or say 503")


async def _rebuild(settings: Settings) -> bool:
    async with parts_of(settings) as parts, unit_of_work(parts.database) as session:
        return await service.begin_anew(session)
