"""A report as a table, and as CSV that a spreadsheet opens without running any of it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Cell: TypeAlias = object
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def as_csv(table: Table) -> str:
    """RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe, as OWASP says; null is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.startswith(_FORMULAS):
        return f"'{cell}"
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell
