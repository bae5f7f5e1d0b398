"""The service as a process of its own behind a real socket, and requests no client library would send."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.support.databases import ways_to

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 120.0
_STOP_SECONDS = 10.0
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def read(cls, connection: socket.socket, method: str = "GET") -> Self:
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return cls(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", self
        problem: dict[str, Any] = json.loads(self.body)
        assert problem["status"] == self.status
        return problem


@dataclass(frozen=True)
class Service:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWER_SECONDS)

    def ask(self, request: bytes) -> Answer:
        """Send these bytes as they are, and read one answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return Answer.read(connection, request.partition(b" ")[0].decode("latin-1"))

    def get(self, target: str, *headers: str) -> Answer:
        return self.ask(request("GET", target, *headers))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident_kib(self) -> int:
        return self._figure("status", r"VmRSS:\s+(\d+)")

    @property
    def bytes_read(self) -> int:
        return self._figure("io", r"rchar: (\d+)")

    def _figure(self, name: str, pattern: str) -> int:
        found = re.search(pattern, Path(f"/proc/{self.process.pid}/{name}").read_text())
        assert found is not None
        return int(found[1])


def request(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@contextmanager
def serve(
    database_url: str,
    folder: Path,
    program: Sequence[str] = ("taskapi",),
    port: int | None = None,
    /,
    **settings: str,
) -> Iterator[Service]:
    """One process of the API on a port of 127.0.0.1, a free one; it logs to `folder`, and finds no .env there.

    `program` is a module that takes the arguments of the command, and what else it is given before them.
    """
    port = port or _free_port()
    log = folder / "service.log"
    environment = {**ways_to(database_url), "TASKAPI_LOG_LEVEL": "warning", **settings}
    command = [*program, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(_ROOT), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    service = Service(port, process, log)
    try:
        _wait_until_served(service)
        yield service
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_served(service: Service) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            service.connect().close()
        except OSError:
            assert service.process.poll() is None, service.log.read_text(errors="replace")
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
