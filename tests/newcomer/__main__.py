"""`make newcomer`: a clone, `make run`, the password signs in, the page comes, with each Python here; 1 if not.

Time and silence are those of this machine and of its package index: a run that misses them alone gets a second chance.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.newcomer import pythons
from tests.newcomer.visit import Budgets, Visit, visit

ROOT = Path(__file__).parents[2]
_TRIES = 2


def main() -> int:
    parser = argparse.ArgumentParser(description="Run taskapi from a clone of what is committed.")
    parser.add_argument("--seconds", type=float, default=25, help="from the clone until it is ready")
    parser.add_argument("--page", type=float, default=60, help="seconds from then on until the page is there")
    parser.add_argument("--silence", type=float, default=5, help="seconds without a line")
    parser.add_argument("--megabytes", type=float, default=200, help="of .venv, when it has served")
    parser.add_argument("pythons", nargs="*", type=Path, help="else all that are found, one of each minor version")
    options = vars(parser.parse_args())
    chosen = options.pop("pythons") or list(pythons.newest_of_each(pythons.installed()))
    budgets = Budgets(**options)
    sys.stdout.write("python      ready   page  silent   .venv    CPU\n")
    return 1 if [python for python in chosen if not _welcomes(python, budgets)] else 0


def _welcomes(python: Path, budgets: Budgets) -> bool:
    complaints: list[str] = []
    for found in _visits(python):
        complaints = list(found.complaints(budgets))
        sys.stdout.write("\n  ".join([found.row(), *complaints]) + "\n")
        sys.stdout.flush()
        if not complaints or found.failure:
            break
    return not complaints


def _visits(python: Path) -> Iterator[Visit]:
    for _ in range(_TRIES):
        # A short name: the path of a socket has at most 107 bytes.
        with tempfile.TemporaryDirectory(prefix="new") as folder:
            clone = Path(folder) / "clone"
            subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)
            yield visit(clone, python)


if __name__ == "__main__":
    sys.exit(main())
