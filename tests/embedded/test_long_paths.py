"""A data directory whose path is too long for a socket: a short link, which nobody can have made before us."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from taskapi import embedded
from taskapi.embedded import THROWAWAY, EmbeddedError, sockets

pytestmark = pytest.mark.slow
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a directory of somebody else")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for temporary files as short as the real one, open to everybody; made once pytest has its own."""
    assert tmp_path.exists()
    place = Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))
    place.chmod(0o1777)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / ("long" * 30)


async def ask(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.mark.usefixtures("temporary")
async def test_it_gets_a_short_link_that_every_process_finds(home: Path) -> None:
    with embedded.start(home, THROWAWAY) as server:
        assert len(str(server.socket_dir)) < 60
        assert await ask(embedded.database_url(home, "postgres"), "SELECT 1") == 1
        folder = server.socket_dir.parent
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert not (home / "socket").exists()
    with pytest.raises(OSError, match="No such file"):
        await ask(embedded.database_url(home, "postgres"), "SELECT 1")


async def test_it_is_in_the_users_own_run_time_directory(
    home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = temporary / "own"
    own.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    with embedded.start(home, THROWAWAY) as server:
        assert server.socket_dir.is_relative_to(own)
        monkeypatch.delenv("XDG_RUNTIME_DIR")  # as for somebody who comes by another way
        assert await ask(embedded.database_url(home, "postgres"), "SELECT 1") == 1
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_run_time_directory_that_is_open_to_others_is_none(
    mode: int, home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = temporary / "own"
    own.mkdir()
    own.chmod(mode)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own))
    (home / "cluster").mkdir(parents=True)
    sockets.make_link(home)
    assert sockets.socket_dir(home).parent.parent == temporary


@only_root
def test_nor_is_one_of_somebody_else(home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = temporary / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, pwd.getpwnam("daemon").pw_uid, -1)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(theirs))
    (home / "cluster").mkdir(parents=True)
    sockets.make_link(home)
    assert sockets.socket_dir(home).parent.parent == temporary
    assert list(theirs.iterdir()) == []


def test_a_link_that_leads_elsewhere_is_not_followed(home: Path, temporary: Path) -> None:
    (home / "cluster").mkdir(parents=True)
    sockets.make_link(home)
    link = sockets.socket_dir(home)
    assert link.resolve() == (home / "cluster").resolve()
    link.unlink()
    link.symlink_to(temporary)
    assert not sockets.socket_dir(home).exists()


def test_nor_one_in_a_directory_that_others_can_change(home: Path, temporary: Path) -> None:
    (home / "cluster").mkdir(parents=True)
    sockets.make_link(home)
    sockets.socket_dir(home).parent.chmod(0o777)
    assert not sockets.socket_dir(home).exists()


@only_root
def test_clients_do_not_talk_to_whoever_took_a_place_before(home: Path, temporary: Path) -> None:
    """What is written down may be old: the directory is somebody else's by now."""
    (home / "cluster").mkdir(parents=True)
    sockets.make_link(home)
    folder = sockets.socket_dir(home).parent
    os.chown(folder, pwd.getpwnam("daemon").pw_uid, -1)
    assert not sockets.socket_dir(home).exists()
    sockets.make_link(home)
    assert sockets.socket_dir(home).parent != folder
    assert folder.exists(), "what is not ours is not touched"


def test_links_of_killed_servers_do_not_pile_up(home: Path, temporary: Path) -> None:
    """One is used again, by whoever knows it; and swept once its data directory is gone."""
    (home / "cluster").mkdir(parents=True)
    found = set()
    for _ in range(3):
        sockets.make_link(home)
        found.add(sockets.socket_dir(home))
    assert len(found) == 1
    assert len(list(temporary.iterdir())) == 1
    shutil.rmtree(home)
    other = home.with_name("other" * 25)
    (other / "cluster").mkdir(parents=True)
    sockets.make_link(other)
    assert list(temporary.iterdir()) == [sockets.socket_dir(other).parent]


def test_where_no_place_is_short_enough_it_is_said(
    home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_LONGEST", 20)
    (home / "cluster").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match="TASKAPI_DATA_DIR"):
        sockets.make_link(home)
