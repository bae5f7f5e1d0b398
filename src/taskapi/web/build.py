"""What the build has left: every file with its tag, its type, and its compressed twins."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import MimeTypes
from pathlib import Path
from typing import Final

DIST: Final = Path(__file__).parent / "dist"
INDEX: Final = "index.html"
# The best first. The build makes them, so that no request waits for a compression.
_TWINS: Final = {"br": ".br", "gzip": ".gz"}
# Not those of the machine: with nosniff a browser runs no script whose type a machine does not know.
_TYPES: Final = MimeTypes()
# Of these some versions of Python know another type, or none.
_TYPES.types_map[True].update(
    {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
)
_TEXTS: Final = ("text/", "application/json", "application/manifest+json")


@dataclass(frozen=True, slots=True)
class Built:
    """One file of the page."""

    path: Path
    media_type: str
    etag: str
    """Of its content. Its time and its size may be those of another build, where only the names of assets differ."""
    twins: Mapping[str, Path]
    """Its compressed forms, by their content-coding."""


@dataclass(frozen=True, slots=True)
class Build:
    files: Mapping[str, Built]
    """By their addresses, so that nothing else of the disk has one."""
    stamp: tuple[int, int]


def read(directory: Path) -> Build | None:
    """None where nothing was built, or one build takes the place of another just now: whoever asks next reads it."""
    stamp = stamp_of(directory)
    if stamp is None:
        return None
    try:
        found = [path for path in directory.rglob("*") if path.is_file()]
        plain = [path for path in found if path.suffix not in _TWINS.values()]
        return Build({f"/{path.relative_to(directory).as_posix()}": _built(path) for path in plain}, stamp)
    except FileNotFoundError:
        return None


def stamp_of(directory: Path) -> tuple[int, int] | None:
    """Another one where there is another build; all of it takes its place at once."""
    try:
        found = (directory / INDEX).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _built(path: Path) -> Built:
    media_type = _TYPES.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if media_type.startswith(_TEXTS) else ""
    twins = {coding: path.with_name(path.name + suffix) for coding, suffix in _TWINS.items()}
    twins = {coding: twin for coding, twin in twins.items() if twin.is_file()}
    return Built(path, media_type + charset, sha256(path.read_bytes()).hexdigest()[:16], twins)
