"""Bytes as lines of text: the encoding is guessed, and what is not of it is marked, so that a line can be blamed."""

import codecs
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO, Final

from taskapi.imports.records import NotThatFormat

MARK: Final = "\udcff"
"""Stands for bytes that the encoding has no character for: half of a surrogate pair, which no text has."""
LONGEST_LINE: Final = 4_000_000
_HEAD: Final = 1 << 20
_MARKING: Final = "taskapi.mark"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS: Final = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return MARK, error.end


codecs.register_error(_MARKING, _mark)


def encoding_of(file: BinaryIO) -> str:
    """By its mark of byte order; else UTF-8, where its first megabyte is that; else CP1252, which nearly anything is."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if not head.strip():
        raise NotThatFormat("The file is empty")
    if b"\0" in head[:4096]:
        raise NotThatFormat("The file holds NUL bytes where text should begin: it is no CSV, or a UTF-16 without mark")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """One after the other, with their ends; a file without line ends does not fill the memory."""
    wrapper = TextIOWrapper(file, encoding, errors=_MARKING, newline="")
    try:
        while line := wrapper.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise NotThatFormat(f"A line has more than {LONGEST_LINE} characters")
            yield line
    finally:
        wrapper.detach()
