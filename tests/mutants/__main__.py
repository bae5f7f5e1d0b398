"""`python -m tests.mutants`: whether the tests notice each mutant; 1 where one survives, 2 where they fail without.

Mutants live in copies of the repository. For each one the tests run that are likeliest to notice: those next to the
changed file, and some of the proof. What they miss is for the rest of the proof. The first failure ends the run.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.catalogue import PACKAGE, Mutant, mutants
from tests.support import databases

ROOT = PACKAGE.parents[1]
_COPIED = ("src", "tests", "docs", "alembic", "alembic.ini", "pyproject.toml", "openapi.json")
# What notices most, and soonest: conditions show in lists, guards in the matrix.
FIRST = {
    "condition": ("tests/proof/test_lists.py", "tests/proof/test_contents.py", "tests/proof/test_swaps.py"),
}
PROOF = (
    *("tests/proof", "tests/test_scopes.py", "tests/projects", "tests/tasks"),
    *("tests/personal_data", "tests/auth", "tests/users", "tests/admin", "tests/core/work"),
)
_QUIETLY = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "whole or not slow")
_PATIENCE = 900
_KILLED, _SURVIVED = 1, 0


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    code: int
    seconds: float
    told_by: str

    @property
    def killed(self) -> bool:
        return self.code == _KILLED

    def row(self) -> str:
        word = {_KILLED: "killed", _SURVIVED: "SURVIVED"}.get(self.code, "BROKEN")
        return f"{word:8} {self.seconds:4.0f} s  {self.mutant.name}\n{'':17}{self.told_by}"


def main() -> int:
    options = _options()
    chosen = [mutant for mutant in mutants() if re.search(options.only, mutant.name)]
    if options.sample:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    if options.list:
        print("\n".join(mutant.name for mutant in chosen))
        return 0
    began, verdicts = time.monotonic(), []
    with (
        tempfile.TemporaryDirectory(prefix="taskapi-mutants-") as folder,
        databases.admin_url() as url,
        ThreadPoolExecutor(options.parallel) as pool,
    ):
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(options.parallel):
            copies.put(_copy(Path(folder) / str(number)))
        # Tests that fail by themselves notice every mutant.
        as_it_is = _try(Mutant("none: the source as it is", "__init__.py", 0, 0, ""), copies, url)
        if as_it_is.code != _SURVIVED:
            print(f"The tests fail without a mutant:\n{as_it_is.told_by}")
            return 2
        for verdict in pool.map(lambda mutant: _try(mutant, copies, url), chosen):
            print(verdict.row(), flush=True)
            verdicts.append(verdict)
    alive = [verdict for verdict in verdicts if not verdict.killed]
    killed = len(verdicts) - len(alive)
    print(f"\n{len(verdicts)} mutants, {killed} killed, {len(alive)} not, {time.monotonic() - began:.0f} s")
    for verdict in alive:
        print(verdict.row())
    return int(bool(alive))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="this many, by chance")
    parser.add_argument("--seed", type=int, default=0, help="which ones a sample takes")
    parser.add_argument(
        "--only", type=re.compile, default="", metavar="PATTERN", help="those whose name it is found in"
    )
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="name them, and run nothing")
    return parser.parse_args()


def _copy(folder: Path) -> Path:
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def _try(mutant: Mutant, copies: "SimpleQueue[Path]", url: str) -> Verdict:
    began, folder = time.monotonic(), copies.get()
    changed = folder / "src" / "taskapi" / mutant.file
    source = changed.read_text()
    changed.write_text(mutant.of(source))
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "TEST_DATABASE_URL": url}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what was not changed need not be compiled again
    try:
        for tests in (_nearest(mutant, folder), PROOF):
            run = subprocess.run(
                [sys.executable, "-m", "pytest", *_QUIETLY, *tests],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
            if run.returncode != _SURVIVED:
                break
    except subprocess.TimeoutExpired:
        return Verdict(mutant, -1, time.monotonic() - began, "did not end")
    finally:
        changed.write_text(source)
        copies.put(folder)
    return Verdict(mutant, run.returncode, time.monotonic() - began, next(_telling(run.stdout), run.stderr[-500:]))


def _nearest(mutant: Mutant, folder: Path) -> tuple[str, ...]:
    """Few, so that they are collected quickly. Tests mirror src: those of a package are in the folder of its name."""
    packages = Path("tests", mutant.file).parents
    nearest = next(str(package) for package in packages if (folder / package).is_dir())
    near = (nearest,) if nearest not in {"tests", "tests/core"} else ()
    return (*FIRST.get(mutant.kind, ("tests/proof/test_matrix.py",)), *near)


def _telling(output: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"^(?:FAILED|ERROR) .*", output, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main())
