"""Starts the processes of a run, and ends them with it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from benchmarks.connection import HOST
from benchmarks.driver import Job, Measured
from benchmarks.processes import Memory, memory

API = "taskapi.main:app_from_environment"
BARE = "benchmarks.bare:app_from_environment"
SECRET_KEY = "only-for-benchmarks-0123456789abcdef0123456789abcdef"
_ROOT = Path(__file__).parents[1]
_PATIENCE_SECONDS = 60
_POLL_SECONDS = 0.005


class NotServing(Exception):
    """A server of the run did not start, or ended."""


@dataclass(frozen=True, slots=True)
class Served:
    pid: int
    port: int
    seconds_to_ready: float
    fresh: Memory
    """Once it was ready, before any request but the one that asked whether it is."""
    pauses: str
    """The Unix socket that tells the longest pause of its event loop."""
    log: Path

    def complaints(self) -> str:
        """The end of what it has written, and whether it still runs."""
        ended = "" if Path(f"/proc/{self.pid}/status").exists() else "; the server has ended"
        said = self.log.read_text(errors="replace")[-1000:].strip()
        return f"{ended}; it wrote:\n{said}" if said else ended


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """All that a measured server sees: nothing of the shell's, and no `.env`, for it starts in an empty directory."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "src")]),
        "TASKAPI_DATABASE_URL": database_url,
        "TASKAPI_SECRET_KEY": SECRET_KEY,
        "TASKAPI_RATE_LIMIT": "off",
        "TASKAPI_LOG_LEVEL": "warning",
        "TASKAPI_ACCESS_TOKEN_MINUTES": "60",
        **settings,
    }


@contextmanager
def serving(target: str, variables: Mapping[str, str], directory: Path) -> Iterator[Served]:
    """An application in a process of its own, ready; its output goes to a file in `directory`."""
    # Bound here and handed over: a port that was only looked for could be another program's by the time the server
    # binds it, and that one would be measured.
    with socket.create_server((HOST, 0)) as listening, _log_of(listening, directory) as log:
        port = listening.getsockname()[1]
        pauses = str(directory / f"pauses-{port}")
        started = time.perf_counter()
        command = ["benchmarks.serve", target, str(listening.fileno()), pauses]
        process = _start(command, variables, directory, stdout=log, hands_over=[listening.fileno()])
        try:
            _wait_until_ready(process, port, Path(log.name))
            seconds = time.perf_counter() - started
            yield Served(process.pid, port, seconds, memory(process.pid), pauses, Path(log.name))
        finally:
            _end(process)


@contextmanager
def working(variables: Mapping[str, str], directory: Path) -> Iterator[int]:
    """A worker in a process of its own, by its pid; its output goes to a file in `directory`."""
    with (directory / "worker.log").open("wb") as log:
        process = _start(["taskapi", "worker"], variables, directory, stdout=log)
        try:
            yield process.pid
        finally:
            _end(process)


class Driver:
    """The process that makes the load; one for all jobs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def run(self, job: Job) -> Measured:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise NotServing("the load driver ended; its complaint is above")
        return Measured(**json.loads(line))


@contextmanager
def driving(directory: Path) -> Iterator[Driver]:
    variables = {"PATH": os.defpath, "PYTHONPATH": str(_ROOT)}
    process = _start(["benchmarks.driver"], variables, directory, stdout=subprocess.PIPE)
    try:
        yield Driver(process)
    finally:
        _end(process)


def _log_of(listening: socket.socket, directory: Path) -> IO[bytes]:
    return (directory / f"server-{listening.getsockname()[1]}.log").open("wb")


def _start(
    module: list[str],
    variables: Mapping[str, str],
    directory: Path,
    *,
    stdout: IO[bytes] | int,
    hands_over: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *module]
    stderr = subprocess.STDOUT if stdout != subprocess.PIPE else None
    return subprocess.Popen(
        command,
        cwd=directory,
        env=dict(variables),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        pass_fds=hands_over,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """The driver ends with its standard input, a server when asked; what hangs is killed."""
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotServing(f"the server is not ready: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(_POLL_SECONDS)


def _is_ready(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(b"GET /health/ready HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            return connection.recv(12).endswith(b" 200")
    except OSError:
        return False
