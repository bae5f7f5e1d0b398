"""`taskapi worker`."""

import asyncio

import typer

from taskapi import worker
from taskapi.core import logs, reachability, startup


def work(*, once: bool, with_parent: bool) -> None:
    settings = startup.load_settings()
    asyncio.run(reachability.require_database(settings.database))
    logs.configure(settings)
    if not once:
        asyncio.run(worker.work(settings, ends_with_stdin=with_parent))
    elif not asyncio.run(worker.work_once(settings)):
        raise typer.Exit(1)
