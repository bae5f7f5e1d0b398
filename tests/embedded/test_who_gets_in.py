"""As root the server has a user of its own, and nobody else gets in: also with the data of earlier versions."""

import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from taskapi import embedded
from taskapi.embedded import THROWAWAY, EmbeddedServer, NoAccount, accounts, programs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else"),
]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Where others can walk to, so that it is not a directory above that stops them."""
    folder = Path(tempfile.mkdtemp(prefix="taskapi-open-"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


async def ask(server: EmbeddedServer, statement: str) -> Any:
    connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """For what the kernel asks: the files that may be opened, and who connects."""
    entry = pwd.getpwnam(name)
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def knock(path: Path, user: str = "postgres") -> bytes:
    """The first byte of the server's answer to somebody who wants to be `user`: R lets in, or asks for a password."""
    wanted = f"user\0{user}\0database\0postgres\0\0".encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(struct.pack("!II", len(wanted) + 8, 196608) + wanted)
        answer = connection.recv(4096)
        # An authentication that succeeds is the number 0; every other asks for something.
        return b"in" if answer[:9] == b"R\0\0\0\x08\0\0\0\0" else answer[:1]


def old_cluster(home: Path) -> None:
    """As versions before made it: of nobody, and open to all who reach the socket."""
    nobody = pwd.getpwnam("nobody")
    home.mkdir(mode=0o700)
    made = home / "cluster"
    made.mkdir(mode=0o700)
    shutil.chown(made, nobody.pw_uid, nobody.pw_gid)
    found = programs.programs_for(home)
    run = programs.launch_options(accounts.Account(nobody.pw_uid, nobody.pw_gid, ()))
    with open_directory(made) as descriptor:
        command: list[str | Path] = [
            found.directory / "initdb",
            "-D",
            f"/proc/self/fd/{descriptor}",
            "--auth=trust",
            "-U",
            "postgres",
        ]
        subprocess.run([*command, "--no-sync"], check=True, capture_output=True, pass_fds=[descriptor], **run)
        kept = "CREATE TABLE kept AS SELECT 42 AS answer;\n"
        single: list[str | Path] = [
            found.directory / "postgres",
            "--single",
            "-D",
            f"/proc/self/fd/{descriptor}",
            "postgres",
        ]
        del run["stdin"]
        subprocess.run(single, check=True, capture_output=True, text=True, input=kept, pass_fds=[descriptor], **run)


@contextmanager
def open_directory(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def uid_of(server: EmbeddedServer) -> int:
    return Path(f"/proc/{server.pid}").stat().st_uid


def owners(tree: Path) -> set[int]:
    return {path.lstat().st_uid for path in (tree, *tree.rglob("*"))}


async def test_the_server_has_a_user_of_its_own(data_dir: Path) -> None:
    own = pwd.getpwnam(accounts.OWN_USER) if _exists(accounts.OWN_USER) else None
    with embedded.start(data_dir, THROWAWAY) as server:
        made = pwd.getpwnam(accounts.OWN_USER)
        assert own is None or own == made
        assert uid_of(server) == made.pw_uid
        assert made.pw_uid not in {0, pwd.getpwnam("nobody").pw_uid}
        assert await ask(server, "SELECT 1") == 1


@pytest.mark.parametrize("stranger", ["nobody", "daemon"])
def test_nobody_else_gets_in(stranger: str, data_dir: Path) -> None:
    with embedded.start(data_dir, THROWAWAY) as server:
        door = server.socket_dir / ".s.PGSQL.5432"
        assert knock(door) == b"in"
        with acting_as(accounts.OWN_USER), pytest.raises(PermissionError):
            knock(door)  # the directory above is root's; its own is behind the process
        with acting_as(stranger):
            for path in (door, Path(f"/proc/{server.pid}/cwd/.s.PGSQL.5432")):
                with pytest.raises(PermissionError):
                    knock(path)
        # Not even with every door in between open.
        for opened in (data_dir, server.socket_dir):
            opened.chmod(0o755)
        door.chmod(0o777)
        with acting_as(stranger):
            assert knock(door) == b"E"
        assert knock(door, "somebody") == b"E", "root is the superuser, and no other role"


async def test_data_of_earlier_versions_are_taken_over(data_dir: Path) -> None:
    old_cluster(data_dir)
    nobody, cluster = pwd.getpwnam("nobody").pw_uid, data_dir / "cluster"
    assert owners(cluster) == {nobody}
    with embedded.start(data_dir, THROWAWAY) as server:
        assert await ask(server, "SELECT answer FROM kept") == 42
        assert owners(cluster) == {pwd.getpwnam(accounts.OWN_USER).pw_uid}
        assert "trust" not in (cluster / "pg_hba.conf").read_text()
        for opened in (data_dir, cluster):
            opened.chmod(0o755)
        (cluster / ".s.PGSQL.5432").chmod(0o777)
        with acting_as("nobody"):
            assert knock(cluster / ".s.PGSQL.5432") == b"E"
    cluster.chmod(0o700)
    with embedded.start(data_dir, THROWAWAY) as server:
        assert await ask(server, "SELECT answer FROM kept") == 42


async def test_taking_over_goes_on_where_it_was_interrupted(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_cluster(data_dir)
    real, left = os.chown, iter(range(50))

    def interrupted(*given: Any, **named: Any) -> None:
        if next(left, None) is None:
            raise OSError("power cut")
        real(*given, **named)

    with monkeypatch.context() as cut:
        cut.setattr(os, "chown", interrupted)
        with pytest.raises(embedded.EmbeddedError, match="power cut"):
            embedded.start(data_dir, THROWAWAY)
    with embedded.start(data_dir, THROWAWAY) as server:
        assert await ask(server, "SELECT answer FROM kept") == 42
        assert owners(data_dir / "cluster") == {pwd.getpwnam(accounts.OWN_USER).pw_uid}


def test_taking_over_follows_no_link_and_takes_nothing_of_others(data_dir: Path, tmp_path: Path) -> None:
    """Whoever else was nobody may have put it there."""
    nobody = pwd.getpwnam("nobody")
    cluster, secret, linked = data_dir / "cluster", tmp_path / "secret", tmp_path / "linked"
    cluster.mkdir(parents=True)
    for file in (secret, linked, cluster / "PG_VERSION"):
        file.write_text("18\n")
    os.link(linked, cluster / "hard")
    (cluster / "soft").symlink_to(secret)
    (cluster / "pg_hba.conf").symlink_to(secret)
    for path in (cluster, cluster / "PG_VERSION", cluster / "soft", cluster / "pg_hba.conf", cluster / "hard"):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    account = accounts.account_for(cluster)
    accounts.take_over(cluster, account)
    accounts.admit(cluster, account, "postgres")
    assert secret.stat().st_uid == 0
    assert secret.read_text() == "18\n"
    assert linked.stat().st_uid == nobody.pw_uid, "it has another name, where it may be something else"
    assert (cluster / "PG_VERSION").stat().st_uid == account.user
    assert not (cluster / "pg_hba.conf").is_symlink()


def test_data_of_a_chosen_user_stay_theirs(data_dir: Path) -> None:
    owner = "daemon"
    data_dir.mkdir(mode=0o700)
    shutil.chown(data_dir, owner)
    with embedded.start(data_dir, THROWAWAY) as server:
        assert uid_of(server) == pwd.getpwnam(owner).pw_uid
        assert knock(server.socket_dir / ".s.PGSQL.5432") == b"in"


def test_where_no_user_can_be_made_it_is_said_what_to_do(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "OWN_USER", "taskapi-nowhere")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(NoAccount, match=r"useradd --system .*TASKAPI_DATABASE_URL"):
        embedded.start(data_dir)


def test_and_where_making_one_fails(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "OWN_USER", "no:name")
    monkeypatch.setattr(accounts, "_PAUSE_SECONDS", 0)
    with pytest.raises(NoAccount, match=r"invalid user name.*useradd --system"):
        embedded.start(data_dir)


@pytest.mark.parametrize("found", ["root", "nobody"])
def test_a_user_of_that_name_that_is_root_or_nobody_is_refused(
    found: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "OWN_USER", found)
    with pytest.raises(NoAccount, match="must be neither"):
        embedded.start(data_dir)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
