"""Who holds a data directory: one server at a time, and no ghost of a killed one."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskapi.embedded.errors import AlreadyRunning

PATIENCE_SECONDS = 120  # a busy server's shutdown, and its recovery from a crash, take minutes rather than seconds
POLL_SECONDS = 0.01


@contextmanager
def exclusive(home: Path) -> Iterator[int]:
    """Lock `home` with a descriptor that PostgreSQL inherits, and so holds on to after we let go.

    A pid in a file may by now be a stranger's; a kernel's lock ends with its last holder, even one killed.
    """
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _wait_for(lock, home)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _wait_for(lock: int, home: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _try(lock):
        starter, postmaster = _first_pid(home / "lock"), _first_pid(home / "cluster" / "postmaster.pid")
        # With either of them dead, the rest of that server is on its way out and worth waiting for.
        if (_is_alive(starter) and _is_alive(postmaster)) or time.monotonic() > deadline:
            raise AlreadyRunning(home, starter)
        time.sleep(POLL_SECONDS)


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _first_pid(file: Path) -> int | None:
    try:
        pid = int(file.read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 else None


def _is_alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def forget_dead_server(home: Path) -> None:
    """Remove the pids a killed server left: PostgreSQL would take a stranger of that number for itself."""
    cluster = home / "cluster"
    pid_file = cluster / "postmaster.pid"
    pid = _first_pid(pid_file)
    # None of our servers is left, or the lock were not ours; but one started by hand does not know the lock.
    if pid and _serves(pid, cluster):
        raise AlreadyRunning(home, pid)
    for left_behind in (pid_file, *cluster.glob(".s.PGSQL.*.lock")):
        left_behind.unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether this process is the PostgreSQL of `cluster`, which runs as its owner and inside it."""
    if sys.platform != "linux":
        command = ["/bin/ps", "-o", "comm=", "-p", str(pid)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a number
        return Path(answer.stdout.strip()).name == "postgres"
    else:  # noqa: RET505 - mypy follows platforms only along branches
        process = Path("/proc", str(pid))
        try:
            return process.stat().st_uid == cluster.stat().st_uid and (process / "cwd").samefile(cluster)
        except (FileNotFoundError, ProcessLookupError):
            return False  # dead, or a zombie
        except PermissionError:
            return True  # in containers, even root may not look closer: better refuse than take it for dead
