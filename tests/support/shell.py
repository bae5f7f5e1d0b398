"""The command `taskapi` as people have it: a process of its own, with the environment it is given and no other."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.databases import ways_to

COMMAND = (sys.executable, "-m", "taskapi")
_PATIENCE = 120.0
_OURS = ("TASKAPI_", "DATABASE_", "HOST", "PORT", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Shell:
    """Works in a folder of its own, so that no .env of a developer's is read."""

    folder: Path
    bytecode: Path | None = None
    """Where processes keep what they compiled if they may not beside the source; a start takes half as long then."""

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        bytecode = {"PYTHONPYCACHEPREFIX": str(self.bytecode)} if self.bytecode else {}
        ours = {"TASKAPI_DATA_DIR": str(self.data_dir), "TMPDIR": str(self.folder)}
        database = ways_to(settings["DATABASE_URL"]) if "DATABASE_URL" in settings else {}
        return {**kept, **bytecode, **ours, **database, **settings}

    def run(self, *arguments: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
            cwd=self.folder,
            env=self.environment(**settings),
        )

    def python(self, script: str, **settings: str) -> str:
        """What it prints."""
        command = [sys.executable, "-c", script]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_PATIENCE, env=self.environment(**settings)
        ).stdout

    @contextmanager
    def start(self, *arguments: str, **settings: str) -> Iterator["Running"]:
        log = self.folder / f"{arguments[0]}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=self.environment(**settings),
            )
        running = Running(process, log)
        try:
            yield running
        finally:
            running.kill()


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, url: str, status: int = 200) -> httpx.Response:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                answer = httpx.get(url, timeout=2)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code == status:
                    return answer
            time.sleep(0.02)
        raise AssertionError(f"no {status} from {url}; it said:\n{self.output}")

    def wait_for_output(self, text: str) -> None:
        wait_until(lambda: text in self.output, f"{text!r} was never said")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(_PATIENCE)

    def family(self) -> set[int]:
        """Everybody below it in the tree of processes."""
        found: set[int] = set()
        ask = [self.process.pid]
        while ask:
            children = Path(f"/proc/{ask.pop()}/task").glob("*/children")
            below = {int(child) for threads in children for child in threads.read_text().split()} - found
            found |= below
            ask.extend(below)
        return found


def wait_until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
