"""What a service needs beside it to be whole: the worker, as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from taskapi.background import READERS
from taskapi.core.change_log.readers import register
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from tests.support.databases import settings_for, ways_to

_ROOT = Path(__file__).parents[2]
_STOP_SECONDS = 10.0


@contextmanager
def worker(database_url: str, folder: Path, **settings: str) -> Iterator[None]:
    """One worker that does what is to be done until the end of the block, and hears of all that happens in it."""
    with ThreadPoolExecutor(1) as thread:  # this one may be in the loop of whoever waits for it
        thread.submit(asyncio.run, _listen_from_here(database_url)).result()
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), **ways_to(database_url), "TASKAPI_LOG_LEVEL": "warning"}
    with (folder / "worker.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "taskapi", "worker"],
            cwd=folder,
            env={**environment, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _listen_from_here(database_url: str) -> None:
    """Readers begin where the log ends when they are first seen, which a worker does seconds after its start."""
    database = Database(settings_for(database_url))
    await register(database, Tail(), READERS)
    await database.dispose()
