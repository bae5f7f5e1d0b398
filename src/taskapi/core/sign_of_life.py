"""The file that a worker touches, in the one place that a read-only container can write to; imports next to nothing."""

import os
import time
import zlib

_SILENT_SECONDS = 30.0


def file_of(data_dir: str) -> str:
    """One a user and data directory, so that two services on a machine do not speak for each other."""
    whose = zlib.crc32(os.fsencode(os.path.abspath(data_dir)))  # noqa: PTH100 - pathlib is slow to import
    return f"{os.environ.get('TMPDIR') or '/tmp'}/taskapi-worker-{os.getuid()}-{whose:08x}"  # noqa: S108 - see _touch


def seconds_ago(data_dir: str) -> float | None:
    """None: there is no worker, or it has ended."""
    try:
        return time.time() - os.stat(file_of(data_dir)).st_mtime  # noqa: PTH116 - pathlib is slow to import
    except FileNotFoundError:
        return None


def is_fresh(seconds: float | None) -> bool:
    return seconds is not None and seconds < _SILENT_SECONDS
