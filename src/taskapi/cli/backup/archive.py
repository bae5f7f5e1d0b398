"""The file of a backup: a tar of members in one order, each byte of which has one right value.

`manifest.json`, the engine's dump in parts (`database/…`), the files (`files/<key>`), and `SHA256SUMS` over all of
these, so that `tar` and `sha256sum` can look into it without this program. It is written and read in one pass, in flat
memory. Headers hold nothing but a name and a size: a flipped bit is found wherever it is.
"""

import hashlib
import re
import tarfile
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import IO, BinaryIO, Final, NamedTuple, Self

from taskapi.core.refused import Refused

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database/"
FILES: Final = "files/"
SUMS: Final = "SHA256SUMS"
PART_BYTES: Final = 8 * 1024 * 1024
"""Of the dump, whose size nobody knows before it ends: a member has to say how long it is before its first byte."""
MANIFEST_MOST_BYTES: Final = 1024 * 1024
KEY: Final = re.compile(r"[a-z]+(?:/[A-Za-z0-9_-]+)+")
"""What files are called in the storage."""

_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(2 * _BLOCK)
_CHUNK: Final = 1024 * 1024
_SUMS_IN_MEMORY: Final = 1024 * 1024
_LONGEST_NAME: Final = 100
_PART: Final = re.compile(r"database/[0-9]{6}")


class NotWhole(Refused):
    """Not a backup of ours, or not as it was written."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no whole backup of taskapi: {reason}", exit_code=1)


class Member(NamedTuple):
    """`chunks` has to be read to its end before the next member is asked for."""

    name: str
    size: int
    chunks: Iterator[bytes]


def part_name(number: int) -> str:
    return f"{DATABASE}{number:06}"


class Writer(AbstractContextManager["Writer"]):
    """Members in their order, then `close`; without it, the file has no end and is refused."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._sums = tempfile.SpooledTemporaryFile(_SUMS_IN_MEMORY)  # noqa: SIM115 - closed with us
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sums.close()

    def add(self, name: str, content: bytes) -> None:
        self._write(_header(name, len(content)))
        self._write(content)
        self._end_member(name, len(content), hashlib.sha256(content).hexdigest())

    async def add_stream(self, name: str, size: int, chunks: AsyncIterator[bytes]) -> None:
        """Raises Refused where what comes is not as long as was said."""
        self._write(_header(name, size))
        digest, written = hashlib.sha256(), 0
        async for chunk in chunks:
            written += len(chunk)
            if written > size:
                break
            digest.update(chunk)
            self._write(chunk)
        if written != size:
            raise Refused(f"{name} changed its length while it was read: begin again", exit_code=1)
        self._end_member(name, size, digest.hexdigest())

    def close(self) -> None:
        size = self._sums.tell()
        self._sums.seek(0)
        self._write(_header(SUMS, size))
        while chunk := self._sums.read(_CHUNK):
            self._write(chunk)
        self._write(_padding(size))
        self._write(_END)

    def _end_member(self, name: str, size: int, digest: str) -> None:
        self._write(_padding(size))
        self._sums.write(_line(digest, name))

    def _write(self, content: bytes) -> None:
        self._output.write(content)
        self.size += len(content)


def members(source: BinaryIO) -> Iterator[Member]:
    """All but the sums, from the beginning of the file. Raises NotWhole with the first thing that is not right.

    What was read is known to be right only once this has come to its end.
    """
    source.seek(0)
    expected = hashlib.sha256()
    digests: list[str] = []
    names = _Order()
    while True:
        name, size = _read_header(source)
        if name == SUMS:
            break
        names.follow(name)
        if name == MANIFEST and size > MANIFEST_MOST_BYTES:
            raise NotWhole("its manifest is too long")
        yield Member(name, size, _content(source, size, digests.append))
        if not digests:
            raise AssertionError(f"{name} was not read")
        expected.update(_line(digests.pop(), name))
    names.end()
    _read_end(source, size, expected.digest())


class _Order:
    """The manifest, the parts of the dump by their numbers, the files."""

    def __init__(self) -> None:
        self._parts = 0
        self._manifest = self._file = ""

    def follow(self, name: str) -> None:
        if not self._manifest:
            if name != MANIFEST:
                raise NotWhole("it does not begin with a manifest")
            self._manifest = name
        elif name == part_name(self._parts + 1) and not self._file:
            self._parts += 1
        elif name.startswith(FILES) and KEY.fullmatch(name.removeprefix(FILES)) and self._parts:
            self._file = name
        else:
            raise NotWhole(f"it has a member {name!r} where none belongs")

    def end(self) -> None:
        if not self._parts:
            raise NotWhole("it has no dump of the database")


def _read_header(source: BinaryIO) -> tuple[str, int]:
    block = source.read(_BLOCK)
    if len(block) < _BLOCK:
        raise NotWhole("it ends too early")
    try:
        found = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise NotWhole("a member has no readable head") from error
    if found.size < 0 or block != _header(found.name, found.size):
        raise NotWhole(f"the head of its member {found.name!r} was not written by this program")
    return found.name, found.size


def _content(source: BinaryIO, size: int, done: Callable[[str], object]) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), size
    while left:
        chunk = source.read(min(left, _CHUNK))
        if not chunk:
            raise NotWhole("it ends too early")
        left -= len(chunk)
        digest.update(chunk)
        yield chunk
    _read_padding(source, size)
    done(digest.hexdigest())


def _read_end(source: BinaryIO, size: int, expected: bytes) -> None:
    found: list[str] = []
    for _ in _content(source, size, found.append):
        pass
    if found != [expected.hex()]:
        raise NotWhole("a member is not as it was written: its SHA-256 differs, or one is missing or too many")
    if source.read(len(_END)) != _END:
        raise NotWhole("it ends too early")
    if source.read(1):
        raise NotWhole("something follows its end")


def _read_padding(source: BinaryIO, size: int) -> None:
    padding = _padding(size)
    if source.read(len(padding)) != padding:
        raise NotWhole("it ends too early, or something stands between its members")


def _header(name: str, size: int) -> bytes:
    """Without times and owners: restoring looks at none."""
    if len(name) > _LONGEST_NAME:
        raise NotWhole("a member has too long a name")
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _line(digest: str, name: str) -> bytes:
    """As `sha256sum --check` reads it."""
    return f"{digest}  {name}\n".encode()
