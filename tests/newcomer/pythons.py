"""The Pythons of this machine that taskapi promises to run on: those of the PATH, and those of version managers."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.locks.wheels import PYTHONS

_MANAGED = (".pyenv/versions/*/bin/python3", ".local/share/uv/python/*/bin/python3")
# A shim of a version manager ends with an error where its version is not installed.
_WHICH = "import sys, ensurepip; print(sys.implementation.name, *sys.version_info[:3], sys.executable)"


def installed() -> Iterator[Path]:
    names = ["python3", *(f"python{version}" for version in PYTHONS)]
    for folder in os.get_exec_path():
        yield from (path for name in names if (path := Path(folder) / name).exists())
    for pattern in _MANAGED:
        yield from sorted(Path.home().glob(pattern))


def newest_of_each(candidates: Iterable[Path]) -> Iterator[Path]:
    """One a minor version, so that a machine with many of them is not asked for hours."""
    best: dict[str, tuple[int, Path]] = {}
    for path in candidates:
        asked = subprocess.run([path, "-c", _WHICH], capture_output=True, text=True, check=False)
        if asked.returncode:
            continue
        name, major, minor, micro, program = asked.stdout.strip().split(maxsplit=4)
        version = f"{major}.{minor}"
        if name == "cpython" and version in PYTHONS and int(micro) > best.get(version, (-1, path))[0]:
            best[version] = (int(micro), Path(program))
    for version in PYTHONS:
        if version in best:
            yield best[version][1]
