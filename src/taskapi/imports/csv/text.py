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
# What people send instead: archives and workbooks, PDF, images.
_OTHERS: Final = (b"PK\3\4", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"GIF8")
ENCODINGS: Final = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return MARK, error.end


codecs.register_error(_MARKING, _mark)


def encoding_of(file: BinaryIO) -> str:
    """By its mark of byte order; else UTF-8, where its first megabyte is that; else CP1252, which nearly all is."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if not head.strip():
        raise NotThatFormat("The file is empty")
    beginning = head[:4096]
    if beginning.startswith(_OTHERS) or beginning.count(0) > len(beginning) // 10:
        raise NotThatFormat("The file is no text: save it as CSV first, in UTF-8, or in UTF-16 with a byte order mark")
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
        if not file.closed:
            wrapper.detach()
