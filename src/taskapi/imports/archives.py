"""ZIP archives of strangers: what is in them is read under bounds, and no name of theirs becomes a path."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, BinaryIO, Final, cast

from taskapi.imports.documents import MOST_CHARACTERS, Damaged
from taskapi.imports.records import NotThatFormat

MOST_MEMBERS: Final = 20_000
_HEAD: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_END_OF_64: Final = b"PK\x06\x07"
_SHORTEST_END: Final = 22
_LOCATOR: Final = 20
_LONGEST_COMMENT: Final = 1 << 16
# The directory is read as a whole, and each of its entries takes twenty times its length in memory.
_LONGEST_DIRECTORY: Final = 4_000_000
_PIECE: Final = 1 << 18
_ENCRYPTED: Final = 1
_PLAIN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# For a compression that it does not know zipfile raises NotImplementedError.
_UNREADABLE: Final = (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, ValueError, NotImplementedError)
# One with a password is a RuntimeError.
BROKEN: Final = (*_UNREADABLE, RuntimeError, zlib.error)


def is_archive(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(len(_HEAD))
    file.seek(0)
    return head == _HEAD


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    _look_at_end(file)
    try:
        archive = zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise NotThatFormat(f"The ZIP archive cannot be read: {error}") from None
    with archive:
        if len(archive.infolist()) > MOST_MEMBERS:
            raise NotThatFormat(f"The ZIP archive has more than {MOST_MEMBERS} members")
        yield archive


@contextmanager
def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[BinaryIO]:
    """A member as a temporary file, so that it can be read twice; `Damaged` where it cannot be unpacked."""
    with TemporaryFile() as copy:
        _copy(archive, member, copy)
        copy.seek(0)
        yield cast(BinaryIO, copy)


def require_plain(member: zipfile.ZipInfo) -> None:
    """`Damaged` where it has a password, or is packed by what gives gigabytes for one piece that is read."""
    if member.flag_bits & _ENCRYPTED:
        raise Damaged("has a password, and cannot be unpacked")
    if member.compress_type not in _PLAIN:
        raise Damaged("holds a member that is packed in another way than by DEFLATE")


def packed_at(member: zipfile.ZipInfo) -> datetime | None:
    """The local time of whoever packed it, in whatever zone that was."""
    try:
        return datetime(*member.date_time)  # noqa: DTZ001 - no zone is told
    except ValueError:
        return None


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, copy: IO[bytes]) -> None:
    require_plain(member)
    size = 0
    try:
        with archive.open(member) as source:
            while size <= MOST_CHARACTERS and (piece := source.read(_PIECE)):
                size += len(piece)
                copy.write(piece)
    except BROKEN as error:
        raise Damaged(f"holds a member that cannot be unpacked: {error}") from None
    if size > MOST_CHARACTERS:
        raise Damaged(f"holds a member of more than {MOST_CHARACTERS} bytes, unpacked")


def _look_at_end(file: BinaryIO) -> None:
    """Refuse what would fill the memory before a first member is seen."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_COMMENT - _SHORTEST_END - _LOCATOR))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(_END)
    end = tail[place:] if place >= 0 else b""
    if len(end) < _SHORTEST_END:
        raise NotThatFormat("The ZIP archive has no end: it was cut off, or is none")
    if tail[max(0, place - _LOCATOR) : place].startswith(_END_OF_64):
        raise NotThatFormat("The ZIP archive is larger than what can be read")
    if int.from_bytes(end[12:16], "little") > _LONGEST_DIRECTORY:
        raise NotThatFormat(f"The directory of the ZIP archive is longer than {_LONGEST_DIRECTORY} bytes")
