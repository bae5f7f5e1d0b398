"""JSON of any size, read value by value: what is open is one value of a list, and not the file.

The files are strangers' files. The standard library's decoder says no to what is nested too deep and to numbers of
thousands of digits; streaming parsers do not: of the one that was tried, a number of 5,000 digits ends the process, and
100,000 brackets take minutes. So the walk along the outer lists is here, and every value is decoded by that library.
"""

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import BinaryIO, Final, TextIO, cast

from taskapi.core.observing import garbage
from taskapi.imports.records import NotThatFormat, Problem

LONGEST_VALUE: Final = 8_000_000
"""Characters of one value that is read as a whole: a task with all that belongs to it."""
MOST_CHARACTERS: Final = 1_000_000_000
"""Of a file, unpacked: a few megabytes can be packed zeros without end."""
_PIECE: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_BLANK: Final = re.compile(r"[^ \t\r\n\ufeff]")
# A word or an escape that the end of what was read may have cut.
_LONGEST_TOKEN: Final = 16
_MOST_DIGITS: Final = 300
# Whoever walks through a value by recursion must come to its end, and the decoder goes about 900 deep.
_DEEPEST: Final = 200
_SHOWN: Final = 60
_TOO_DEEP: Final = "is nested too deep"


class Damaged(ValueError):
    """The file cannot be read on from here; the text says why."""


def problem(line: int, error: Damaged) -> Problem:
    """The last record of a file that is damaged."""
    return Problem(line, None, "damaged", f"The file cannot be read from here on: it {error}")


@contextmanager
def opened(file: BinaryIO) -> Iterator[TextIO]:
    """As text, from its beginning: packed by gzip or not, in UTF-8 or, with its mark, in UTF-16.

    A byte that is no text in UTF-8 becomes half of a surrogate pair, so that the value that holds it can be blamed.
    """
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    plain = file
    if head.startswith(_GZIP):
        plain = cast(BinaryIO, gzip.GzipFile(fileobj=file))
        try:
            head = plain.read(4)
            plain.seek(0)
        except (OSError, EOFError, zlib.error):
            raise NotThatFormat("The file begins as one that gzip packed, and cannot be unpacked") from None
    encoding, errors = ("utf-16", "replace") if head.startswith(_UTF_16) else ("utf-8-sig", "surrogateescape")
    text = TextIOWrapper(plain, encoding, errors=errors, newline="")
    try:
        yield text
    finally:
        text.detach()


def decoded(text: str) -> object:
    """The value that a text is; `Damaged` says what is wrong with it."""
    try:
        with garbage.held():
            value = _DECODER.decode(text)
    except RecursionError:
        raise Damaged(_TOO_DEEP) from None
    except ValueError as error:
        raise Damaged(_said(error, 0)) from None
    return _shallow(value)


def lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Those that hold anything, with their numbers."""
    number = taken = 0
    while line := _read_line(text):
        number += 1
        taken += len(line)
        if len(line) == LONGEST_VALUE:
            raise Damaged(f"has a line of more than {LONGEST_VALUE} characters")
        if taken > MOST_CHARACTERS:
            raise Damaged(f"has more than {MOST_CHARACTERS} characters, unpacked")
        if line.strip(" \t\r\n\ufeff"):
            yield number, line.strip(" \t\r\n\ufeff")


class Document:
    """A walk through JSON: of each value one decides whether to take it, to step into it, or to skip it."""

    def __init__(self, text: TextIO) -> None:
        self._source = text
        self._buffer = ""
        self._at = 0
        self._dropped = 0

    def peek(self) -> str:
        """The first character of what comes next; empty at the end."""
        while True:
            if found := _NOT_BLANK.search(self._buffer, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._buffer)
            if not self._more():
                return ""

    def value(self) -> object:
        self.peek()
        while True:
            try:
                with garbage.held():
                    value, end = _DECODER.raw_decode(self._buffer, self._at)
            except RecursionError:
                raise Damaged(_TOO_DEEP) from None
            except ValueError as error:
                if self._is_cut(error) and self._more():
                    continue
                raise Damaged(_said(error, self._dropped)) from None
            if end == len(self._buffer) and self._more():  # a number may go on
                continue
            self._at = end
            return _shallow(value)

    def members(self) -> Iterator[str]:
        """The names in an object; who asks takes, steps into or skips the value of each before the next."""
        self._take("{")
        if self.peek() == "}":
            self._take("}")
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise Damaged("has an object with a name that is no text")
            self._take(":")
            yield name
            if self._ends("}"):
                return

    def elements(self) -> Iterator[int]:
        """The places in a list, from 1; who asks takes, steps into or skips each before the next."""
        self._take("[")
        if self.peek() == "]":
            self._take("]")
            return
        place = 1
        while True:
            yield place
            if self._ends("]"):
                return
            place += 1

    def skip(self) -> None:
        """Past the next value, a list or an object of any length."""
        match self.peek():
            case "[":
                for _ in self.elements():
                    self.value()
            case "{":
                for _ in self.members():
                    self.value()
            case _:
                self.value()

    def _take(self, sign: str) -> None:
        if self.peek() != sign:
            found = self._buffer[self._at : self._at + _SHOWN]
            raise Damaged(f"has {found!r} where {sign} must stand" if found else f"ends where {sign} must stand")
        self._at += 1

    def _ends(self, sign: str) -> bool:
        if self.peek() == ",":
            self._at += 1
            return False
        self._take(sign)
        return True

    def _is_cut(self, error: ValueError) -> bool:
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._buffer) - _LONGEST_TOKEN

    def _more(self) -> bool:
        rest = self._buffer[self._at :]
        if len(rest) > LONGEST_VALUE:
            raise Damaged(f"has a value of more than {LONGEST_VALUE} characters")
        read = _read(self._source, max(_PIECE, len(rest)))
        if not read:
            return False
        self._dropped += self._at
        if self._dropped + len(rest) > MOST_CHARACTERS:
            raise Damaged(f"has more than {MOST_CHARACTERS} characters, unpacked")
        self._buffer, self._at = rest + read, 0
        return True


def _read(source: TextIO, size: int) -> str:
    try:
        return source.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"cannot be unpacked: {error}") from None


def _read_line(source: TextIO) -> str:
    try:
        return source.readline(LONGEST_VALUE)
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"cannot be unpacked: {error}") from None


def _said(error: ValueError, dropped: int) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON at character {dropped + error.pos + 1}: {error.msg}"
    return f"is no JSON: {error}"


def _shallow(value: object) -> object:
    """The value, which is at most so deep."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return value
    raise Damaged(_TOO_DEEP)


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _integer(digits: str) -> float:
    """An integer of hundreds of digits is nobody's number, and slow to make."""
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


_DECODER: Final = json.JSONDecoder(parse_int=_integer, strict=False)
