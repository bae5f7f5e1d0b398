"""One PostgreSQL server as a child of this process: start it, reach it, stop it."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import quote

import asyncpg

from taskapi.embedded import accounts, sockets
from taskapi.embedded.errors import EmbeddedError, StartFailed, WrongMajorVersion
from taskapi.embedded.lock import PATIENCE_SECONDS, POLL_SECONDS, exclusive, forget_dead_server
from taskapi.embedded.programs import Programs, launch_options, programs_for
from taskapi.embedded.sockets import PORT

SUPERUSER = "postgres"
STOP_SECONDS = 30
PR_SET_PDEATHSIG = 1  # linux/prctl.h
FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17
FIRST_MAJOR_WITH_CHECKSUMS_UNASKED = 18
STATUS_LINE = 7  # of postmaster.pid: LOCK_FILE_LINE_PM_STATUS in miscadmin.h


@dataclass(frozen=True)
class Profile:
    settings: Mapping[str, str]
    durable: bool = True


_ALWAYS = {"timezone": "UTC", "jit": "off", "wal_level": "minimal", "max_wal_senders": "0", "log_checkpoints": "off"}

DURABLE = Profile({**_ALWAYS, "shared_buffers": "128MB", "max_connections": "100", "max_wal_size": "512MB"})
"""What was committed survives a power cut."""

THROWAWAY = Profile(
    {
        **_ALWAYS,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "shared_buffers": "64MB",
        "max_connections": "200",
        "checkpoint_timeout": "1h",
        "max_wal_size": "4GB",
    },
    durable=False,
)
"""For tests: as fast as it gets, and lost in a power cut."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server; the end of a `with` block stops it."""

    data_dir: Path
    profile: Profile
    _process: subprocess.Popen[bytes]
    _watcher: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def socket_dir(self) -> Path:
        return sockets.socket_dir(self.data_dir)

    def url(self, database: str) -> str:
        return database_url(self.data_dir, database)

    def wait(self) -> int:
        """Until it ends, however it does; the exit code of its first process."""
        return self._process.wait()

    def stop(self) -> None:
        """Disconnect everybody and write everything down, by force if that hangs; harmless the second time."""
        if self._process.poll() is None:
            sockets.remove_link(self.data_dir)  # before we let go of the data directory, or it might be the next one's
        for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self._process.poll() is not None:
                break
            self._process.send_signal(request)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        if self._watcher:
            self._watcher.kill()
            self._watcher.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path, profile: Profile = DURABLE) -> EmbeddedServer:
    """Start the server of `data_dir`, creating it if need be, and return once it accepts connections.

    It ends with this process, however that ends. As root it runs as the owner of the data, and new data belong to the
    owner of `data_dir`, or to the user `taskapi` where that is root. Raises EmbeddedError.
    """
    if threading.current_thread() is not threading.main_thread():
        raise EmbeddedError("start the embedded PostgreSQL from the main thread: the kernel would end it with another")
    return _start_alone(data_dir.resolve(), profile)


def start_again(dead: EmbeddedServer) -> EmbeddedServer:
    """Another server for the data of one that died. It ends with the thread that asks. Raises EmbeddedError."""
    dead.stop()
    return _start_alone(dead.data_dir, dead.profile)


def _start_alone(home: Path, profile: Profile) -> EmbeddedServer:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive(home) as lock:
            return _start(home, profile, lock)
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"cannot run the embedded PostgreSQL in {home}: {error}") from error


def database_url(data_dir: Path, database: str) -> str:
    """Where clients find the server of `data_dir`, whichever process started it."""
    socket_dir = sockets.socket_dir(data_dir.resolve())
    return f"postgresql+asyncpg://{SUPERUSER}@/{quote(database)}?host={quote(str(socket_dir))}&port={PORT}"


async def ensure_database(server: EmbeddedServer, name: str) -> None:
    connection = await asyncpg.connect(
        host=str(server.socket_dir), port=PORT, user=SUPERUSER, database="postgres", ssl=False
    )
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            quoted = name.replace('"', '""')
            with suppress(asyncpg.DuplicateDatabaseError):  # another process was as quick
                await connection.execute(f'CREATE DATABASE "{quoted}"')
    finally:
        await connection.close()


def _start(home: Path, profile: Profile, lock: int) -> EmbeddedServer:
    cluster = home / "cluster"
    programs = programs_for(cluster if cluster.exists() else home)
    if cluster.exists():
        _require_same_major(cluster, programs)
        forget_dead_server(home)
        accounts.take_over(cluster, programs.account)
    else:
        _create_cluster(home, programs, profile, lock)
    accounts.admit(cluster, programs.account, SUPERUSER)
    sockets.make_link(home)
    process = _launch(home, programs, profile, lock)
    server = EmbeddedServer(home, profile, process, _watcher(process))
    try:
        _wait_until_ready(process, home)
    except BaseException:
        server.stop()
        raise
    return server


def _require_same_major(cluster: Path, programs: Programs) -> None:
    theirs = (cluster / "PG_VERSION").read_text().strip()
    if theirs != str(programs.major):
        raise WrongMajorVersion(
            f"{cluster} was made by PostgreSQL {theirs}, and {programs.directory} has {programs.major}: "
            f"point PG_BINDIR at the programs of {theirs}, or dump and restore"
        )


def _create_cluster(home: Path, programs: Programs, profile: Profile, lock: int) -> None:
    unfinished = home / "cluster.new"  # renamed at the end: a killed initdb must not pass for a cluster
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if programs.account.user is not None:
        shutil.chown(unfinished, programs.account.user, programs.account.group)
    with _opened(unfinished) as directory:
        command = [str(programs.directory / "initdb"), "-D", _as_seen_by_server(unfinished, directory, programs)]
        made = subprocess.run(  # noqa: S603 - nothing a service's user said
            command + _initdb_options(programs.major, profile),
            capture_output=True,
            text=True,
            check=False,
            pass_fds=[lock, directory],
            **launch_options(programs.account),
        )
    if made.returncode != 0:
        raise StartFailed(f"initdb failed in {home}: {_reason(made.stderr)}")
    unfinished.rename(home / "cluster")


def _initdb_options(major: int, profile: Profile) -> list[str]:
    options = [f"--username={SUPERUSER}", "--auth=peer", "--encoding=UTF8", "--no-instructions"]
    # Said aloud, for the environment's locale may be C, where lower('É') is 'É'.
    options += ["--locale=C.UTF-8"]
    if major >= FIRST_MAJOR_WITH_BUILTIN_LOCALE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if profile.durable:
        options += ["--data-checksums"]
    elif major >= FIRST_MAJOR_WITH_CHECKSUMS_UNASKED:
        options += ["--no-sync", "--no-data-checksums"]
    else:
        options += ["--no-sync"]
    return options


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _as_seen_by_server(cluster: Path, descriptor: int, programs: Programs) -> str:
    """Let an account in that may not walk to `cluster` (below /root, say), without opening the directories above it.

    Linux follows the link of a descriptor we opened without a look at the path behind it.
    """
    if programs.account.user is not None and sys.platform == "linux":
        return f"/proc/self/fd/{descriptor}"
    return str(cluster)


def _launch(home: Path, programs: Programs, profile: Profile, lock: int) -> subprocess.Popen[bytes]:
    cluster = home / "cluster"
    # The socket's path is relative to the cluster: a full one may be closed to the server, or too long for the kernel.
    settings = {**profile.settings, "listen_addresses": "", "unix_socket_directories": ".", "port": str(PORT)}
    settings["unix_socket_permissions"] = "0700"
    with _opened(cluster) as directory, _fresh_log(home) as log:
        command = [str(programs.directory / "postgres"), "-D", _as_seen_by_server(cluster, directory, programs)]
        return subprocess.Popen(  # noqa: S603 - nothing a service's user said
            [*command, *(f"--{name}={value}" for name, value in settings.items())],
            stdout=log,
            stderr=log,
            pass_fds=[lock, directory],
            start_new_session=True,  # Ctrl-C is for the API, which needs its database to finish its requests
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - calls the kernel twice, takes no lock
            **launch_options(programs.account),
        )


def _fresh_log(home: Path) -> BinaryIO:
    log = home / "server.log"
    if log.exists():
        log.replace(home / "server.log.1")
    log.touch(mode=0o600, exist_ok=False)  # it quotes statements, and so people's data
    return log.open("ab")


def _end_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    else:  # noqa: RET505 - mypy follows platforms only along branches
        prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

        def ask_kernel() -> None:
            prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

        return ask_kernel


def _watcher(postgres: subprocess.Popen[bytes]) -> subprocess.Popen[bytes] | None:
    """Where the kernel cannot end a child with its parent, a shell waits for our end of a pipe to close."""
    if sys.platform == "linux":
        return None
    else:  # noqa: RET505 - mypy follows platforms only along branches
        command = ["/bin/sh", "-c", 'read _; kill -INT "$1"', "sh", str(postgres.pid)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - a number


def _wait_until_ready(process: subprocess.Popen[bytes], home: Path) -> None:
    log = home / "server.log"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_ready(process, home):
        if process.poll() is not None:
            raise StartFailed(f"PostgreSQL did not start: {_reason(log.read_text(errors='replace'))} (see {log})")
        if time.monotonic() > deadline:
            raise StartFailed(f"PostgreSQL was not ready after {PATIENCE_SECONDS} s (see {log})")
        time.sleep(POLL_SECONDS)


def _is_ready(process: subprocess.Popen[bytes], home: Path) -> bool:
    try:
        lines = (home / "cluster" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[0] == str(process.pid) and lines[STATUS_LINE].strip() == "ready"


def _reason(output: str) -> str:
    """The last complaint among the chatter."""
    complaints = re.findall(r"(?:FATAL|PANIC|error):\s+(.+)", output) or output.splitlines() or ["it did not say why"]
    return complaints[-1].strip()
