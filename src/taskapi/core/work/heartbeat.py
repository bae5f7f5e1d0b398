"""A worker's sign of life, as long as its loop goes round."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import structlog

from taskapi.core import sign_of_life

log = structlog.stdlib.get_logger("taskapi.worker")

_BEAT_SECONDS = 5.0


async def beat(data_dir: Path) -> None:
    """Until cancelled. A loop that hangs falls silent with it."""
    file = sign_of_life.file_of(str(data_dir))
    try:
        while True:
            _touch(file)
            await asyncio.sleep(_BEAT_SECONDS)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(file)  # noqa: PTH108 - a name, as everything about this file


def _touch(file: str) -> None:
    # Everybody may write to that directory: never through a link that somebody put there.
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        log.warning("worker.heartbeat_failed", file=file, reason=str(error))
        return
    os.utime(descriptor)
    os.close(descriptor)
