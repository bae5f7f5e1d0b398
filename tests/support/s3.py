"""A real HTTP server that speaks S3, as a process of its own: to be frozen, and stopped."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field

from tests.support.optional import need
from tests.support.shell import free_port

_PATIENCE = 60.0
BUCKET = "taskapi-tests"


def _program() -> str:
    found = os.environ.get("MOTO_SERVER") or shutil.which("moto_server")
    need(found, "needs moto's server in an environment of its own: pipx install 'moto[s3,server]'")
    return str(found)


@dataclass
class S3Server:
    port: int = field(default_factory=free_port)
    _program: str = field(default_factory=_program)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _PATIENCE
        while not self._made_bucket():
            assert self._process.poll() is None, "moto's server has ended"
            assert time.monotonic() < deadline, "moto's server does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections, and answers no more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def unfinished(self) -> int:
        """How many uploads in parts nobody has ended."""
        with urllib.request.urlopen(f"{self.endpoint}/{BUCKET}?uploads") as answer:
            return len(re.findall(b"<UploadId>", answer.read()))

    def _made_bucket(self) -> bool:
        request = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
