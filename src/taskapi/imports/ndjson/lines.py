"""The lines of an export, alone or in an archive with its files, each bounded and read when it is asked for."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, Final, TypeAlias

from taskapi.core.observing import garbage
from taskapi.imports import archives
from taskapi.imports.documents import Damaged
from taskapi.imports.records import NotThatFormat, Problem

Line: TypeAlias = dict[str, Any]

_FORMAT: Final = "taskapi"
_VERSION: Final = 1
_NAMED: Final = ".ndjson"
# Ten times what the longest line of an export has: a change of a description.
_LONGEST: Final = 8_000_000
# Lines are packed to a tenth or so; what becomes a hundred times as much was made to fill a machine.
_MOST_UNPACKED: Final = 1_000_000_000
_MOST_TIMES: Final = 100
_TASK: Final = b'{"type":"task",'


@contextmanager
def opened(file: BinaryIO) -> Iterator[tuple[IO[bytes], bool]]:
    """And whether the bytes of files are there, too."""
    if not archives.is_archive(file):
        yield file, False
        return
    with archives.opened(file) as archive, _within(archive) as lines:
        yield lines, True


def read(file: IO[bytes]) -> Iterator[tuple[int, Line | Problem]]:
    """With their numbers, from 1."""
    number = 0
    try:
        while text := _read_line(file):
            number += 1
            if number == 1:
                _require_head(_decoded(text))
            line = _decoded(text) if _is_whole(text, file) else None
            # What is no task at all costs none.
            yield number, line if isinstance(line, dict) else unreadable(number, is_task=text.startswith(_TASK))
    except Damaged as error:
        yield number + 1, Problem(number + 1, None, "damaged", f"The file cannot be read from here on: it {error}")


def unreadable(number: int, *, is_task: bool) -> Problem:
    """Rows are what tasks are made of: a line that is something else is none of those that failed."""
    return Problem(number, None, "unreadable_line", "The line is not as an export writes it", is_lost=is_task)


@contextmanager
def _within(archive: zipfile.ZipFile) -> Iterator[IO[bytes]]:
    found = (one for one in archive.infolist() if one.filename.endswith(_NAMED) and "/" not in one.filename)
    member = next(found, None)
    if member is None:
        raise NotThatFormat("The archive has no lines of a project in it")
    if member.file_size > max(_MOST_UNPACKED, _MOST_TIMES * member.compress_size):
        raise NotThatFormat("The lines in the archive are too many, unpacked")
    try:
        archives.require_plain(member)
        lines = archive.open(member)
    except Damaged as error:
        raise NotThatFormat(f"The archive cannot be read: it {error}") from None
    except archives.BROKEN as error:
        raise NotThatFormat(f"The archive is damaged: {error}") from None
    with lines:
        yield lines


def _read_line(file: IO[bytes]) -> bytes:
    try:
        return file.readline(_LONGEST)
    except archives.BROKEN as error:
        raise Damaged(f"cannot be unpacked: {error}") from None


def _decoded(text: bytes) -> object:
    try:
        with garbage.held():
            return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_whole(text: bytes, file: IO[bytes]) -> bool:
    """Whether this is all of its line; the rest of one that is too long is passed over."""
    if len(text) < _LONGEST or text.endswith(b"\n"):
        return True
    while (rest := _read_line(file)) and not rest.endswith(b"\n"):
        pass
    return False


def _require_head(line: object) -> None:
    if not isinstance(line, dict) or line.get("type") != "project" or line.get("format") != _FORMAT:
        raise NotThatFormat("The first line is not that of a project which was exported here")
    if line.get("format_version") != _VERSION:
        raise NotThatFormat("A newer version of this service wrote the file")
