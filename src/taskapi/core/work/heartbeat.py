"""A worker's sign of life: a file in the one place that a read-only container can write to."""

import asyncio
import hashlib
import os
import tempfile
import time
from pathlib import Path

import structlog

log = structlog.stdlib.get_logger("taskapi.worker")

_BEAT_SECONDS = 5.0
_SILENT_SECONDS = 30.0


async def beat(data_dir: Path) -> None:
    """Until cancelled. A loop that hangs falls silent with it."""
    file = _file(data_dir)
    try:
        while True:
            _touch(file)
            await asyncio.sleep(_BEAT_SECONDS)
    finally:
        file.unlink(missing_ok=True)


def is_heard(data_dir: Path) -> bool:
    try:
        return time.time() - _file(data_dir).stat().st_mtime < _SILENT_SECONDS
    except FileNotFoundError:
        return False


def _file(data_dir: Path) -> Path:
    """One a user and data directory, so that two services on a machine do not speak for each other."""
    whose = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"taskapi-worker-{os.getuid()}-{whose}"


def _touch(file: Path) -> None:
    # Everybody may write to that directory: never through a link that somebody put there.
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        log.warning("worker.heartbeat_failed", file=str(file), reason=str(error))
        return
    os.utime(descriptor)
    os.close(descriptor)
