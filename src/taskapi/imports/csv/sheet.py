"""A CSV file as a sheet: how it is written, what its columns are called, and its rows with their lines."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import BinaryIO, Final, TypeAlias

from taskapi.imports.csv import columns
from taskapi.imports.csv.text import ENCODINGS, encoding_of, lines
from taskapi.imports.records import NotThatFormat, Problem, Reading

Row: TypeAlias = tuple[int, Sequence[str]]
DELIMITERS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 50
_HEAD_CHARACTERS: Final = 200_000
MOST_COLUMNS: Final = 500
# A quote that is never closed would take the rest of the file for one cell.
_LONGEST_CELL: Final = 1_000_000
csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns` are as the file calls them, or numbered from 1 where it does not; `mapping` says what each is."""

    encoding: str
    delimiter: str
    has_header: bool
    columns: Sequence[str]
    mapping: Mapping[str, str]


def look_at(file: BinaryIO, reading: Reading) -> Sheet:
    """What can be known from the beginning of the file, and what the client says of it."""
    encoding = _chosen(reading, "encoding", ENCODINGS) or encoding_of(file)
    head = _head(file, encoding)
    delimiter = _chosen(reading, "delimiter", DELIMITERS) or _delimiter_of(head)
    first = next(_cells(head, delimiter), None)
    if first is None:
        raise NotThatFormat("The file is empty")
    if len(first) > MOST_COLUMNS:
        raise NotThatFormat(f"The file has more than {MOST_COLUMNS} columns")
    given = reading.options.get("header")
    has_header = given if isinstance(given, bool) else columns.is_header(first, reading.mapping or {})
    names = columns.named(first) if has_header else [str(place) for place in range(1, len(first) + 1)]
    return Sheet(encoding, delimiter, has_header, names, columns.mapped(names, reading.mapping))


def rows(file: BinaryIO, sheet: Sheet) -> Iterator[Row | Problem]:
    """Those that hold anything, each with the line it begins in; a cell may go over several."""
    file.seek(0)
    reader = csv.reader(lines(file, sheet.encoding), delimiter=sheet.delimiter)
    is_first = True
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Problem(
                line, None, "cell_too_long", f"A cell has more than {_LONGEST_CELL} characters: is a quote open?"
            )
            continue
        if is_first and sheet.has_header:
            is_first = False
            continue
        is_first = False
        if any(cells):
            yield line, cells


def _chosen(reading: Reading, name: str, among: Sequence[str]) -> str | None:
    value = reading.options.get(name)
    return value if isinstance(value, str) and value in among else None


def _head(file: BinaryIO, encoding: str) -> str:
    file.seek(0)
    found, length = [], 0
    for line in lines(file, encoding):
        found.append(line)
        length += len(line)
        if length > _HEAD_CHARACTERS:
            break
    return "".join(found).removeprefix("\ufeff")


def _cells(head: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from (row for row in csv.reader(StringIO(head, newline=""), delimiter=delimiter) if any(row))
    except csv.Error:
        return


def _delimiter_of(head: str) -> str:
    """The one by which most rows have as many cells as the first, and more than one; of these the one with most."""

    def fit(delimiter: str) -> tuple[bool, float, int]:
        some = list(islice(_cells(head, delimiter), _LOOKED_AT))
        width = len(some[0]) if some else 0
        return width > 1, sum(len(row) == width for row in some) / max(len(some), 1), width

    return max(DELIMITERS, key=fit)
