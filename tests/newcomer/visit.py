"""One visit: `make run` in a clone until the printed password signs in and the page is there, with what it took."""

import os
import re
import resource
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import httpx

from tests.support.shell import free_port

_PATIENCE = 300.0
_POLL_SECONDS = 0.1
_FAILED = "The page is not built"
_PASSWORD = re.compile(r"username (\S+), password (\S+) ")


@dataclass(frozen=True)
class Budgets:
    seconds: float
    page: float
    silence: float
    megabytes: float


@dataclass(frozen=True)
class Visit:
    python: str
    seconds: float
    page: float
    silence: float
    megabytes: float
    cpu_seconds: float
    failure: str = ""

    def row(self) -> str:
        times = f"{self.seconds:5.0f} s{self.page:5.0f} s {self.silence:5.1f} s"
        return f"{self.python:10}{times}{self.megabytes:5.0f} MB{self.cpu_seconds:5.0f} s"

    def complaints(self, budgets: Budgets) -> Iterator[str]:
        if self.failure:
            yield self.failure
        if self.seconds > budgets.seconds:
            yield f"not ready within {budgets.seconds:g} s"
        if self.page > budgets.page:
            yield f"no page within another {budgets.page:g} s"
        if self.silence > budgets.silence:
            yield f"no line for more than {budgets.silence:g} s"
        if self.megabytes > budgets.megabytes:
            yield f".venv is larger than {budgets.megabytes:g} MB"


class Listener:
    """Reads lines as they come, and knows the longest time without one."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._last = time.monotonic()
        self.silence = 0.0
        self.heard = ""

    def listen(self, seconds: float) -> None:
        ready, _, _ = select.select([self._output], [], [], seconds)
        now = time.monotonic()
        self.silence = max(self.silence, now - self._last)
        if ready:
            self.heard += os.read(self._output.fileno(), 65536).decode(errors="replace")
            self._last = now


def visit(clone: Path, python: Path) -> Visit:
    port = free_port()
    started, spent = time.monotonic(), _cpu_seconds()
    with _make_run(clone, python, port) as process:
        assert process.stdout is not None
        listener = Listener(process.stdout)
        url = f"http://127.0.0.1:{port}"
        failure = _wait_until(partial(_is_ready, url), process, listener)
        seconds = time.monotonic() - started
        failure = failure or _sign_in(url, listener) or _wait_until(partial(_has_page, url), process, listener)
        page = time.monotonic() - started - seconds
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
    return Visit(version, seconds, page, listener.silence, _size(clone / ".venv"), _cpu_seconds() - spent, failure)


@contextmanager
def _make_run(clone: Path, python: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """In a session of its own, all of which is ended as Ctrl-C would."""
    ours = ("TASKAPI_", "DATABASE_URL", "HOST", "PORT", "MAKE", "PYTHON", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    process = subprocess.Popen(
        ["make", "run", f"PYTHON={python}", f"PORT={port}"],
        cwd=clone,
        env=environment | {"TASKAPI_DATA_DIR": str(clone.with_name("data"))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=_PATIENCE)


def _wait_until(is_there: Callable[[], bool], process: "subprocess.Popen[bytes]", listener: Listener) -> str:
    """What went wrong, if something did."""
    deadline = time.monotonic() + _PATIENCE
    while not is_there():
        listener.listen(_POLL_SECONDS)
        if process.poll() is not None or _FAILED in listener.heard or time.monotonic() > deadline:
            return f"not ready; it said:\n{listener.heard[-2000:]}"
    return ""


def _sign_in(url: str, listener: Listener) -> str:
    printed = _PASSWORD.search(listener.heard)
    if printed is None:
        return f"no password was printed; it said:\n{listener.heard[-2000:]}"
    credentials = {"username": printed[1], "password": printed[2]}
    answer = httpx.post(f"{url}/api/v1/auth/login", json=credentials, timeout=_PATIENCE)
    return "" if answer.status_code == httpx.codes.OK else f"the printed password is refused: {answer.text}"


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _has_page(url: str) -> bool:
    answer = httpx.get(f"{url}/", headers={"Accept": "text/html"}, timeout=_PATIENCE)
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert "The page is being built" in answer.text
    return answer.status_code == httpx.codes.OK


def _cpu_seconds() -> float:
    """Of all that has ended: unlike the time it took, it says little about what else the machine had to do."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(folder: Path) -> float:
    """In megabytes of disk, as `du` counts them."""
    return sum(path.lstat().st_blocks for path in folder.rglob("*")) * 512 / 1e6
