"""`taskapi worker`."""

import asyncio

import typer

from taskapi import worker
from taskapi.cli import home, open_files
from taskapi.core import startup
from taskapi.core.db import reachability
from taskapi.core.observing import logs
from taskapi.settings import Environment


def work(*, once: bool, with_parent: bool) -> None:
    settings = startup.load_settings()
    if settings.environment is Environment.DEVELOPMENT:
        settings = home.with_secret(settings)
    startup.require_safe(settings)  # it writes the links of mails, with the same key as the API
    logs.configure(settings)
    open_files.raise_limit()
    if not with_parent:  # it has said so
        startup.warn_of_misspelt(settings)
    asyncio.run(reachability.require_database(settings.database))
    if not once:
        asyncio.run(worker.work(settings, ends_with_stdin=with_parent))
    elif not asyncio.run(worker.work_once(settings)):
        raise typer.Exit(1)
