"""PgBouncer between the service and a PostgreSQL, as transactions share it."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from taskapi.embedded.programs import programs_for
from tests.support.optional import need
from tests.support.tcp_server import free_port, listens

_PATIENCE = 30.0
_FIRST_THAT_FOLLOWS = (1, 21)
_UNPACKED = Path(__file__).parents[2] / ".venv" / "pgbouncer" / "pgbouncer"
# The configuration that docs/deployment.md recommends, and what a test needs to reach it.
RECOMMENDED = {
    "pool_mode": "transaction",
    "default_pool_size": "5",
    "max_client_conn": "500",
    "max_prepared_statements": "500",
    "ignore_startup_parameters": "jit,statement_timeout,idle_in_transaction_session_timeout",
}


def _program() -> Path | None:
    """One that follows prepared statements: PGBOUNCER's, what `.ci/pgbouncer .venv/pgbouncer` made, or the system's."""
    installed = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
    for candidate in (os.environ.get("PGBOUNCER"), str(_UNPACKED), installed):
        if candidate and Path(candidate).exists():
            said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.match(r"PgBouncer (\d+)\.(\d+)", said)
            if version and (int(version[1]), int(version[2])) >= _FIRST_THAT_FOLLOWS:
                return Path(candidate)
    return None


@contextmanager
def pooler(server_port: int, **changed: str | None) -> Iterator[int]:
    """Its port. `changed` stands over what is recommended; None takes a line away."""
    program = _program()
    need(program, "no PgBouncer 1.21 or newer: `.ci/pgbouncer .venv/pgbouncer` unpacks one")
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="taskapi-pooler-"))
    folder.chmod(0o755)
    port = free_port()
    settings = {
        **RECOMMENDED,
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": str(folder / "users"),
        "log_connections": "0",
        "log_disconnections": "0",
        **changed,
    }
    lines = [f"{name} = {value}" for name, value in settings.items() if value is not None]
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server_port}\n[pgbouncer]\n" + "\n".join(lines) + "\n"
    )
    command = [str(program), str(folder / "ini")]
    account: dict[str, Any] = programs_for(folder).account._asdict()  # it refuses root, too
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **account)
    try:
        _wait_until_it_listens(process, port, folder / "log")
        yield port
    finally:
        process.kill()  # to a SIGTERM, 1.23 and newer wait for their clients
        process.wait(_PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PgBouncer did not start: {log.read_text()[-1000:]}")
        time.sleep(0.05)
