"""Which of a lock's files a Python on a platform can install, by the rules of PyPA's tags and markers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from packaging import tags
from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_GLIBC = 35  # of Ubuntu 22.04; Debian 12 has 36


def _manylinux(machine: str, oldest: int, *old_names: str) -> list[str]:
    return [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, oldest - 1, -1)] + [
        f"{name}_{machine}" for name in old_names
    ]


PLATFORMS = {
    "linux x86_64": _manylinux("x86_64", 5, "manylinux2014", "manylinux2010", "manylinux1"),
    "linux aarch64": _manylinux("aarch64", 17, "manylinux2014"),
    "darwin arm64": list(tags.mac_platforms((14, 0), "arm64")),
}
_PIN = re.compile(r"^([^\s=]+==[^\s\\]+(?: ;[^\\\n]*)?)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:(\w+)")


@dataclass(frozen=True)
class Package:
    name: str
    marker: Marker | None
    wheels: Sequence[str]
    """Names of files, of those that the lock allows."""


def pins(lock: str) -> set[str]:
    """The versions, without their hashes: an index gets further files for a version that is locked already."""
    return {pin.strip() for pin in _PIN.findall(lock)}


def packages(lock: str, found: dict[str, Any]) -> list[Package]:
    """`found` is the index's answer as a pylock.toml (PEP 751)."""
    allowed = set(_HASH.findall(lock))
    return [
        Package(
            f"{package['name']} {package['version']}",
            Marker(package["marker"]) if "marker" in package else None,
            [
                wheel["url"].rpartition("/")[2]
                for wheel in package.get("wheels", ())
                if wheel["hashes"]["sha256"] in allowed
            ],
        )
        for package in found["packages"]
    ]


def missing(candidates: Sequence[Package], python: str, platform: str) -> Iterator[str]:
    environment = _environment(python, platform)
    supported = _supported(python, platform)
    for package in candidates:
        needed = package.marker is None or package.marker.evaluate(environment)
        if needed and not any(_fits(wheel, supported) for wheel in package.wheels):
            yield package.name


def _fits(wheel: str, supported: frozenset[tags.Tag]) -> bool:
    return not parse_wheel_filename(wheel)[3].isdisjoint(supported)


def _supported(python: str, platform: str) -> frozenset[tags.Tag]:
    major, minor = map(int, python.split("."))
    platforms = PLATFORMS[platform]
    interpreter = f"cp{major}{minor}"
    return frozenset(
        [
            *tags.cpython_tags((major, minor), platforms=platforms),
            *tags.compatible_tags((major, minor), interpreter, platforms),
        ]
    )


def _environment(python: str, platform: str) -> dict[str, str]:
    system, machine = platform.split()
    return {
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": system.capitalize(),
        "platform_machine": machine,
        "os_name": "posix",
    }
