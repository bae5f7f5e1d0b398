"""Cells of a table that spreadsheets take for what they are, and that an import reads back unchanged."""

import re
from collections.abc import Iterable
from typing import Final

# OWASP, CSV Injection: a cell that begins with one of these is a formula to a spreadsheet.
_FORMULA: Final = re.compile(r"[=+\-@\t\r']")
_QUOTE: Final = "'"
_SEPARATORS: Final = re.compile(r'[,"\n\r]|^\s|\s$')


def safe(text: str) -> str:
    """With a quote before what would be a formula, and before a quote, so that it can be taken away again."""
    return _QUOTE + text if _FORMULA.match(text) else text


def original(cell: str) -> str:
    """What `safe` made this cell of."""
    return cell[1:] if cell.startswith(_QUOTE) and _FORMULA.match(cell, 1) else cell


def joined(names: Iterable[str]) -> str:
    """Several in one cell: a comma between them, and one that has a comma itself in double quotes, as CSV has it."""
    return ", ".join('"' + name.replace('"', '""') + '"' if _SEPARATORS.search(name) else name for name in names)
