"""A PostgreSQL that listens on a TCP port, as a managed one does; the embedded one has a socket alone."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from taskapi import embedded
from taskapi.embedded.programs import Programs, launch_options, programs_for
from taskapi.embedded.server import STATUS_LINE
from tests.support.optional import need

_PATIENCE = 60.0
_OF_THE_SYSTEM = Path("/usr/lib/postgresql")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def tcp_server(settings: Mapping[str, str], hba: str, files: Mapping[str, Path]) -> Iterator[int]:
    """Its port. `files` are given to it: copied to the data, and belonging to its account.

    The system's PostgreSQL: the embedded one was built without TLS.
    """
    installed = sorted(_OF_THE_SYSTEM.glob("*/bin/initdb"))
    need(installed, "no PostgreSQL of the system, which has TLS: apt-get install postgresql-15")
    folder = Path(tempfile.mkdtemp(prefix="taskapi-tcp-"))
    folder.chmod(0o755)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PG_BINDIR", str(installed[-1].parent))
            with _server(folder, settings, hba, files) as port:
                yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(folder: Path, settings: Mapping[str, str], hba: str, files: Mapping[str, Path]) -> Iterator[int]:
    with embedded.start(folder / "postgres", embedded.THROWAWAY) as server:
        cluster = server.data_dir / "cluster"
    server.data_dir.chmod(0o755)  # now the server comes without a parent that opens the door
    programs = programs_for(cluster)
    (cluster / "pg_hba.conf").write_text(hba)
    for name, file in files.items():
        shutil.copyfile(file, cluster / name)
        (cluster / name).chmod(0o600)
        if programs.account.user is not None:
            shutil.chown(cluster / name, programs.account.user, programs.account.group)
    with _running(programs, cluster, settings) as port:
        yield port


@contextmanager
def _running(programs: Programs, cluster: Path, settings: Mapping[str, str]) -> Iterator[int]:
    port = free_port()
    given = {**embedded.THROWAWAY.settings, **settings, "listen_addresses": "127.0.0.1", "port": str(port)}
    given["unix_socket_directories"] = ""
    log = (cluster.parent / "tcp.log").open("wb")
    process = subprocess.Popen(
        [programs.directory / "postgres", "-D", cluster, *(f"--{name}={value}" for name, value in given.items())],
        stdout=log,
        stderr=log,
        **launch_options(programs.account),
    )
    log.close()
    try:
        _wait_until_ready(process, cluster)
        yield port
    finally:
        process.send_signal(signal.SIGINT)  # it waits for nobody
        process.wait(_PATIENCE)


def _wait_until_ready(process: subprocess.Popen[bytes], cluster: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _is_ready(process, cluster / "postmaster.pid"):
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {(cluster.parent / 'tcp.log').read_text()[-1000:]}")
        time.sleep(0.05)


def _is_ready(process: subprocess.Popen[bytes], status: Path) -> bool:
    lines = status.read_text().splitlines() if status.exists() else []
    return len(lines) > STATUS_LINE and lines[0] == str(process.pid) and lines[STATUS_LINE].strip() == "ready"
