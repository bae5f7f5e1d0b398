"""What is locked, and the finder of wheels on small answers of an index; `make locks` asks a real one."""

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.locks import wheels
from tests.locks.__main__ import LOCKS, ROOT

RUN, TOOLS = ((ROOT / name).read_text() for name in LOCKS[:2])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]


def locked(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pin in wheels.pins(text):
        requirement = Requirement(pin)
        found.setdefault(canonicalize_name(requirement.name), []).append(str(requirement.specifier).removeprefix("=="))
    return found


def asked(*lists: list[str]) -> list[Requirement]:
    return [Requirement(line) for each in lists for line in each]


def unmet(requirements: list[Requirement], *locks: str) -> list[str]:
    have = {name: versions for text in locks for name, versions in locked(text).items()}
    return [
        str(each)
        for each in requirements
        if not all(map(each.specifier.contains, have.get(canonicalize_name(each.name), ["0"])))
    ]


def test_what_is_locked_is_what_the_project_asks_for() -> None:
    assert unmet(asked(PROJECT["project"]["dependencies"], EXTRAS["embedded"], GROUPS["build"]), RUN) == []
    assert unmet(asked(*EXTRAS.values(), *GROUPS.values()), RUN, TOOLS) == []


def test_running_brings_no_tool_and_no_other_extra() -> None:
    others = [*GROUPS["dev"], *(line for name, lines in EXTRAS.items() if name != "embedded" for line in lines)]
    tools = {canonicalize_name(Requirement(line).name) for line in others}
    assert locked(RUN).keys() & tools == set()


def test_the_second_lock_only_adds() -> None:
    assert locked(RUN).keys() & locked(TOOLS).keys() == set()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_each_pin_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def answer(*files: str, marker: str | None = None) -> dict[str, Any]:
    """An index's, in which the hash of a file is made of its name."""
    package: dict[str, Any] = {
        "name": "example",
        "version": "1",
        "wheels": [{"url": f"x/example-1-{file}.whl", "hashes": {"sha256": hash_of(file)}} for file in files],
    }
    return {"packages": [package | ({"marker": marker} if marker else {})]}


def hash_of(file: str) -> str:
    return file.replace("-", "").replace(".", "")


def lock(*files: str) -> str:
    return " \\\n".join(["example==1", *(f"    --hash=sha256:{hash_of(file)}" for file in files)]) + "\n"


OLD, ARM, MAC = (
    "cp311-cp311-manylinux2014_x86_64",
    "cp311-cp311-manylinux_2_28_aarch64",
    "cp311-cp311-macosx_11_0_arm64",
)


@pytest.mark.parametrize(
    ("file", "python", "platform"),
    [
        (OLD, "3.11", "linux x86_64"),
        (ARM, "3.11", "linux aarch64"),
        (MAC, "3.11", "darwin arm64"),
        ("cp311-cp311-macosx_10_9_universal2", "3.11", "darwin arm64"),
        ("cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64", "3.14", "linux x86_64"),
        ("py3-none-any", "3.13", "linux aarch64"),
        ("py3-none-manylinux1_x86_64", "3.14", "linux x86_64"),
    ],
)
def test_a_wheel_that_fits_is_found(file: str, python: str, platform: str) -> None:
    assert list(wheels.missing(wheels.packages(lock(file), answer(file)), python, platform)) == []


@pytest.mark.parametrize(
    ("file", "python", "platform"),
    [
        (OLD, "3.12", "linux x86_64"),
        (OLD, "3.11", "linux aarch64"),
        (ARM, "3.11", "darwin arm64"),
        ("cp311-cp311-macosx_15_0_arm64", "3.11", "darwin arm64"),
        ("cp311-cp311-manylinux_2_39_x86_64", "3.11", "linux x86_64"),
        ("cp311-cp311-musllinux_1_2_x86_64", "3.11", "linux x86_64"),
        ("cp313-cp313t-manylinux_2_28_x86_64", "3.13", "linux x86_64"),
    ],
)
def test_a_wheel_that_does_not_fit_is_missed(file: str, python: str, platform: str) -> None:
    assert list(wheels.missing(wheels.packages(lock(file), answer(file)), python, platform)) == ["example 1"]


def test_a_wheel_whose_hash_is_not_locked_is_missed() -> None:
    found = wheels.packages(lock(OLD), answer(OLD, ARM))
    assert list(wheels.missing(found, "3.11", "linux aarch64")) == ["example 1"]


def test_what_a_python_does_not_need_is_not_missed() -> None:
    found = wheels.packages(lock(OLD), answer(OLD, marker="python_full_version < '3.12'"))
    assert list(wheels.missing(found, "3.12", "linux x86_64")) == []
    assert list(wheels.missing(found, "3.11", "linux aarch64")) == ["example 1"]
