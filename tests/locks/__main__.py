"""`make locks`: whether the locks fit pyproject.toml, and each promised Python and platform finds a wheel; 1 if not.

The package index is asked, for a wheel that a lock names is of no use to a Python that it was not built for.
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.locks.wheels import PLATFORMS, PYTHONS, Package, missing, packages, pins

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "tests/clients/tools.lock", "web/node.lock")
_PATIENCE = 120


def main() -> int:
    complaints = [*_outdated(), *_without_wheels()]
    for complaint in complaints:
        sys.stdout.write(f"{complaint}\n")
    if not complaints:
        sys.stdout.write(f"{len(LOCKS)} locks, each on {len(PYTHONS)} Pythons and {len(PLATFORMS)} platforms: well\n")
    return 1 if complaints else 0


def _outdated() -> Iterator[str]:
    """Locking again keeps each version that still does."""
    with tempfile.TemporaryDirectory() as folder:
        for name in LOCKS:
            copy = Path(folder) / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy)
        subprocess.run(["make", "lock", f"INTO={folder}"], cwd=ROOT, check=True, timeout=_PATIENCE, capture_output=True)
        for name in LOCKS:
            differ = pins((ROOT / name).read_text()) ^ pins((Path(folder) / name).read_text())
            if differ:
                yield f"{name} is not what pyproject.toml asks for (run `make lock`): {', '.join(sorted(differ))}"


def _without_wheels() -> Iterator[str]:
    for name in LOCKS:
        found = _ask_index(ROOT / name)
        for python in PYTHONS:
            for platform in PLATFORMS:
                for package in missing(found, python, platform):
                    yield f"{name}: no wheel of {package} for CPython {python} on {platform}"


def _ask_index(lock: Path) -> list[Package]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "pylock.toml"
        command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", str(lock), "--output-file", str(answer)]
        command += ["--quiet", "--no-deps", "--universal", "--python-version", PYTHONS[0], "--format", "pylock.toml"]
        subprocess.run(command, check=True, timeout=_PATIENCE, capture_output=True)
        return packages(lock.read_text(), tomllib.loads(answer.read_text()))


if __name__ == "__main__":
    sys.exit(main())
