"""The embedded PostgreSQL, with real servers: it keeps what it is given, leaves nothing behind, harms nobody."""

import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from taskapi import embedded
from taskapi.embedded import THROWAWAY, EmbeddedServer, accounts, programs
from taskapi.embedded import server as server_module

pytestmark = pytest.mark.slow
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from taskapi.embedded import THROWAWAY, start
print(start(Path(sys.argv[1]), THROWAWAY).pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedServer]:
    with embedded.start(data_dir, THROWAWAY) as running:
        yield running


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


async def ask(server: EmbeddedServer, statement: str, database: str = "postgres") -> Any:
    connection = await asyncpg.connect(server.url(database).replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def owner(process_or_file: str | Path) -> int:
    return Path(process_or_file).stat().st_uid


def start_in_a_child_and_kill_it(data_dir: Path) -> int:
    command = [sys.executable, "-c", START_AND_SLEEP, str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    return pid


async def test_a_new_data_directory_becomes_a_server_on_a_socket_alone(server: EmbeddedServer) -> None:
    assert await ask(server, "SHOW listen_addresses") == ""
    assert (server.socket_dir / ".s.PGSQL.5432").is_socket()


async def test_letters_beyond_ascii_have_a_lower_case(server: EmbeddedServer) -> None:
    assert await ask(server, "SELECT lower('É')") == "é"


async def test_a_database_is_created_once(server: EmbeddedServer) -> None:
    await embedded.ensure_database(server, 'with "quotes"')
    await embedded.ensure_database(server, 'with "quotes"')
    assert await ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'with \"quotes\"'") == 1
    await embedded.ensure_database(server, "plain")
    assert await ask(server, "SELECT current_database()", "plain") == "plain"


async def test_other_processes_find_the_server_by_its_data_directory(server: EmbeddedServer) -> None:
    assert embedded.database_url(server.data_dir, "postgres") == server.url("postgres")


async def test_data_survive_a_restart(data_dir: Path) -> None:
    with embedded.start(data_dir) as first:
        await ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert await ask(first, "SHOW fsync") == "on"
    assert not is_running(first.pid)
    with embedded.start(data_dir) as second:
        assert await ask(second, "SELECT answer FROM kept") == 42


def test_a_stopped_server_leaves_no_socket_and_stops_again(server: EmbeddedServer) -> None:
    server.stop()
    server.stop()
    assert not list(server.socket_dir.glob(".s.*"))
    assert not (server.socket_dir / "postmaster.pid").exists()


def test_a_second_start_says_in_one_line_who_holds_the_data(server: EmbeddedServer) -> None:
    with pytest.raises(embedded.AlreadyRunning) as refused:
        embedded.start(server.data_dir, THROWAWAY)
    assert refused.value.pid == os.getpid()
    message = str(refused.value)
    assert message.startswith(f"{server.data_dir} is in use by process {os.getpid()}: ")
    assert "\n" not in message
    assert is_running(server.pid)


def test_a_server_started_by_hand_is_left_in_peace(server: EmbeddedServer) -> None:
    other_view_of_it = server.data_dir.with_name("no-lock")
    other_view_of_it.mkdir()
    (other_view_of_it / "cluster").symlink_to(server.data_dir / "cluster")
    with pytest.raises(embedded.AlreadyRunning) as refused:
        embedded.start(other_view_of_it, THROWAWAY)
    assert refused.value.pid == server.pid
    assert is_running(server.pid)


async def test_a_killed_parent_takes_its_server_along(data_dir: Path) -> None:
    pid = start_in_a_child_and_kill_it(data_dir)
    with embedded.start(data_dir, THROWAWAY) as next_one:  # even at once: it waits for the other's end
        assert not is_running(pid)
        assert await ask(next_one, "SELECT 1") == 1


async def test_a_killed_server_recovers_what_was_committed(data_dir: Path) -> None:
    with embedded.start(data_dir) as first:
        await ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(first.pid, signal.SIGKILL)
    with embedded.start(data_dir) as second:
        assert await ask(second, "SELECT answer FROM kept") == 42


async def test_a_stranger_with_a_dead_servers_pid_is_left_alone(
    server: EmbeddedServer, stranger: subprocess.Popen[bytes]
) -> None:
    server.stop()
    cluster = server.data_dir / "cluster"
    left_behind = f"{stranger.pid}\n{cluster}\n1\n5432\n.\n\n1 1\nready\n"
    (cluster / "postmaster.pid").write_text(left_behind)
    (cluster / ".s.PGSQL.5432.lock").write_text(left_behind)
    with embedded.start(server.data_dir, THROWAWAY) as next_one:
        assert await ask(next_one, "SELECT 1") == 1
    assert stranger.poll() is None


async def test_a_killed_initdb_does_not_pass_for_a_cluster(data_dir: Path) -> None:
    (data_dir / "cluster.new").mkdir(parents=True)
    (data_dir / "cluster.new" / "PG_VERSION").write_text("18\n")
    with embedded.start(data_dir, THROWAWAY) as server:
        assert await ask(server, "SELECT 1") == 1


def test_ctrl_c_at_the_terminal_does_not_reach_the_server(server: EmbeddedServer) -> None:
    assert os.getsid(server.pid) == server.pid


def test_a_shell_watches_over_the_server_where_the_kernel_does_not(
    stranger: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    # PostgreSQL has a handler of its own; `sleep` would inherit that our shell ignores SIGINT in the background.
    deaf_no_more = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(["sleep", "60"], preexec_fn=deaf_no_more) as postgres:  # noqa: PLW1509 - takes no lock
        watcher = server_module._watcher(postgres)
        assert watcher
        watcher.communicate()  # closes our end, as our death would
        assert postgres.wait(5) == -signal.SIGINT
    assert stranger.poll() is None


def test_data_of_another_major_version_are_not_touched(data_dir: Path) -> None:
    (data_dir / "cluster").mkdir(parents=True)
    (data_dir / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.WrongMajorVersion, match="was made by PostgreSQL 9"):
        embedded.start(data_dir)
    assert [path.name for path in (data_dir / "cluster").iterdir()] == ["PG_VERSION"]


def test_a_server_that_does_not_start_says_why(data_dir: Path) -> None:
    with pytest.raises(embedded.StartFailed, match='"no_such_setting"'):
        embedded.start(data_dir, embedded.Profile({"no_such_setting": "1"}, durable=False))


def test_a_user_without_a_name_is_told_so(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_knows(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr("pwd.getpwuid", nobody_knows)
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(embedded.NoAccount, match=r"12345.*TASKAPI_DATABASE_URL"):
        embedded.start(data_dir)


def test_missing_programs_are_named_with_the_way_out(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(data_dir))
    with pytest.raises(embedded.ProgramsNotFound, match=rf"PG_BINDIR={data_dir}.*TASKAPI_DATABASE_URL"):
        embedded.start(data_dir)


def test_only_the_main_thread_may_start_it(data_dir: Path) -> None:
    refusals: list[str] = []

    def start_aside() -> None:
        try:
            embedded.start(data_dir)
        except embedded.EmbeddedError as refusal:
            refusals.append(str(refusal))

    thread = threading.Thread(target=start_aside)
    thread.start()
    thread.join()
    assert "main thread" in refusals[0]


@only_root
async def test_root_starts_a_server_of_its_own_user_and_opens_no_directory(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    modes = {parent: parent.stat().st_mode for parent in (private, *private.parents)}
    with embedded.start(private / "data", THROWAWAY) as server:
        assert await ask(server, "SELECT 1") == 1
        own = pwd.getpwnam("taskapi").pw_uid
        assert owner(f"/proc/{server.pid}") == owner(server.data_dir / "cluster") == own
        assert own not in {0, pwd.getpwnam("nobody").pw_uid}
    assert {parent: parent.stat().st_mode for parent in modes} == modes


@only_root
def test_root_copies_programs_out_of_a_private_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if programs.WHEEL_PACKAGE not in embedded.find_binaries().parts:
        pytest.skip("no wheel to copy")
    tmp_path.chmod(0o755)
    monkeypatch.setattr(programs, "PUBLIC_PLACE", tmp_path / "public")
    copy = programs._public_copy(embedded.find_binaries())
    assert copy.is_relative_to(tmp_path / "public")
    assert programs._version(copy, accounts.Account()) == programs._version(
        embedded.find_binaries(), accounts.Account()
    )
    assert all(path.stat().st_mode & 0o004 for path in (tmp_path / "public").rglob("*"))
