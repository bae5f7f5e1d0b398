"""`python -m tests.mutants`: whether the proof notices each mutant; 1 where one survives, 2 where it fails without.

Each mutant is a copy of src with one change, and a run of the proof against it that stops at the first failure.
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

from tests.mutants.catalogue import SOURCE, Mutant, mutants
from tests.support import databases

ROOT = SOURCE.parent
# The generated proof first, and of it what notices most; what it lets live is for the tests of the domains.
_FIRST = {
    "condition": (
        "tests/proof/test_lists.py",
        "tests/proof/test_contents.py",
        "tests/proof/test_swaps.py",
        "tests/proof/test_trash.py",
    ),
}
_PROOF = (
    *("tests/proof/test_matrix.py", "tests/proof", "tests/test_scopes.py", "tests/projects", "tests/tasks"),
    *("tests/accounts", "tests/auth/api_tokens", "tests/users"),
)
_PATIENCE = 600
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
    began, verdicts = time.monotonic(), []
    with databases.admin_url() as url, ThreadPoolExecutor(options.parallel) as pool:
        # A proof that fails by itself notices every mutant.
        as_it_is = _try(Mutant("none: the source as it is", "core/permissions.py", 0, 0, ""), url)
        if as_it_is.code != _SURVIVED:
            print(f"The tests fail without a mutant:\n{as_it_is.told_by}")
            return 2
        for verdict in pool.map(lambda mutant: _try(mutant, url), chosen):
            print(verdict.row(), flush=True)
            verdicts.append(verdict)
    alive = [verdict for verdict in verdicts if not verdict.killed]
    print(f"\n{len(verdicts)} mutants, {len(alive)} not killed, {time.monotonic() - began:.0f} s")
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
    return parser.parse_args()


def _try(mutant: Mutant, url: str) -> Verdict:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="taskapi-mutant-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(SOURCE, source)
        for name in ("alembic", "alembic.ini"):
            (Path(folder) / name).symlink_to(ROOT / name)
        changed = source / "taskapi" / mutant.file
        changed.write_text(mutant.of(changed.read_text()))
        proof = (*_FIRST.get(mutant.name.partition(":")[0], ()), *_PROOF)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *proof]
        environment = {**os.environ, "PYTHONPATH": str(source), "TEST_DATABASE_URL": url}
        try:
            run = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return Verdict(mutant, -1, time.monotonic() - began, "did not end")
    return Verdict(mutant, run.returncode, time.monotonic() - began, next(_telling(run.stdout), run.stderr[-500:]))


def _telling(output: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"^(?:FAILED|ERROR) .*", output, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main())
