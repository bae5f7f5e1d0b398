"""What a file would be read as: its columns, what each would be taken for, and its first rows."""

from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Final

from taskapi.imports.csv import sheet as sheets
from taskapi.imports.formats import FORMATS, ImportFormat
from taskapi.imports.records import ImportedDefinition, ImportedPerson, ImportedTask, Problem, Reading

ROWS: Final = 20
HEAD_BYTES: Final = 1 << 20
"""So much of a CSV is looked at."""
_LONGEST_CELL: Final = 2_000
# Of a format without columns, the fields that people look for.
_SHOWN: Final = ("external_id", "title", "status", "priority", "assignees", "labels", "due_on", "parent", "description")


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` are cut where their cells are long."""

    encoding: str
    delimiter: str | None
    columns: list[str]
    mapping: dict[str, str]
    rows: list[list[str]]
    problems: list[Problem] = field(default_factory=list)


def of(file: BinaryIO, form: ImportFormat, reading: Reading) -> Preview:
    """NotThatFormat where it is none. It may take some milliseconds: not for the event loop."""
    if form == "csv":
        return _of_csv(file, reading)
    read = (one for one in FORMATS[form](file, reading) if not isinstance(one, ImportedDefinition))
    records = list(islice(read, ROWS))
    tasks = [record for record in records if isinstance(record, ImportedTask)]
    shown = [[_cell(getattr(task, name)) for name in _SHOWN] for task in tasks]
    return Preview("utf-8", None, list(_SHOWN), {}, shown, [one for one in records if isinstance(one, Problem)])


def _of_csv(file: BinaryIO, reading: Reading) -> Preview:
    sheet = sheets.look_at(file, reading)
    rows = (row for row in islice(sheets.rows(file, sheet), ROWS) if not isinstance(row, Problem))
    shown = [[_cell(cell) for cell in cells] for _, cells in rows]
    problems: list[Problem] = []
    if "title" in sheet.mapping.values():
        file.seek(0)
        last = 0
        for record in FORMATS[ImportFormat.CSV](file, reading):
            last += not isinstance(record, Problem) or record.is_lost
            if last > ROWS:
                break
            if isinstance(record, Problem):
                problems.append(record)
    else:
        detail = "No column is the title of a task: say with `mapping` which one is"
        problems.append(Problem(1, None, "missing_title", detail))
    return Preview(sheet.encoding, sheet.delimiter, list(sheet.columns), dict(sheet.mapping), shown, problems)


def _cell(value: object) -> str:
    """As it can be shown: bytes that are no text were marked by what no answer can hold."""
    if isinstance(value, list | tuple):
        return ", ".join(_cell(one) for one in value)
    if isinstance(value, ImportedPerson):
        return value.name or value.email or value.external_id or ""
    text = "" if value is None else str(value)
    return text[:_LONGEST_CELL].encode(errors="replace").decode()
