"""A CSV as tasks: each row is one, or a problem; a value that cannot be read is a problem and leaves the rest whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from taskapi.imports import texts, values
from taskapi.imports.csv import sheet as sheets
from taskapi.imports.csv.columns import OWN, SEVERAL, field_of
from taskapi.imports.csv.sheet import Row, Sheet
from taskapi.imports.records import UNKNOWN_FIELDS, ImportedTask, NotThatFormat, Problem, Reading, Record
from taskapi.imports.values import DateOrder

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where in a row what stands, and how it is read."""

    width: int
    names: Sequence[str]
    single: Sequence[tuple[str, int, Callable[[str], Any]]]
    several: Sequence[tuple[str, int]]
    own: Sequence[tuple[str, int]]
    due: tuple[int, Callable[[str], Any]] | None


@dataclass(slots=True)
class _Found:
    """What one row says, and what could not be read of it."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(file: BinaryIO, reading: Reading) -> Iterator[Record]:
    sheet = sheets.look_at(file, reading)
    if "title" not in sheet.mapping.values():
        raise NotThatFormat("No column is the title of a task: say with `mapping` which one is")
    takes_unknown = reading.options.get("unknown") == UNKNOWN_FIELDS
    if sheet.has_header:
        yield from _about_columns(sheet, reading, takes_unknown=takes_unknown)
    plan = _plan(sheet, reading, takes_unknown=takes_unknown)
    for row in sheets.rows(file, sheet):
        if isinstance(row, Problem):
            yield row
        else:
            yield from _records(row, plan)


def _about_columns(sheet: Sheet, reading: Reading, *, takes_unknown: bool) -> Iterator[Problem]:
    for name, wanted in (reading.mapping or {}).items():
        if name not in sheet.columns:
            yield Problem(1, name, "no_such_column", "The file has no column of this name", is_lost=False)
        elif wanted is not None and field_of(wanted) is None:
            detail = f"A task has no field “{wanted[:_SHOWN]}”, and the column was left out: null says that it shall be"
            yield Problem(1, name, "no_such_field", detail, is_lost=False)
    if takes_unknown:
        return
    for name in dict.fromkeys(sheet.columns):
        if name not in sheet.mapping and name not in (reading.mapping or {}):
            detail = "It is no field of a task and was left out: map it, or take such columns with `unknown: fields`"
            yield Problem(1, name, "unknown_column", detail, is_lost=False)


def _plan(sheet: Sheet, reading: Reading, *, takes_unknown: bool) -> _Plan:
    zone = _zone(reading)
    order = reading.options.get("date_order")
    chosen = DateOrder(order) if isinstance(order, str) else None
    convert: dict[str, Callable[[str], Any]] = {
        "key": str.strip,
        "title": str,
        "description": str,
        "status": texts.name,
        "category": values.category,
        "priority": values.priority,
        "start": partial(values.day, order=chosen, zone=zone),
        "estimate": values.estimate,
        "parent": str.strip,
        "created": partial(values.instant, order=chosen, zone=zone),
        "creator": values.person,
        "completed": partial(values.instant, order=chosen, zone=zone),
    }
    single: list[tuple[str, int, Callable[[str], Any]]] = []
    several: list[tuple[str, int]] = []
    own: list[tuple[str, int]] = []
    due: tuple[int, Callable[[str], Any]] | None = None
    for place, name in enumerate(sheet.columns):
        wanted = sheet.mapping.get(name)
        if wanted is None:
            if takes_unknown and name not in (reading.mapping or {}):
                own.append((texts.name(name), place))
        elif wanted.startswith(OWN):
            own.append((texts.name(wanted.removeprefix(OWN)), place))
        elif wanted in SEVERAL:
            several.append((wanted, place))
        elif wanted == "due":
            due = (place, partial(values.moment, order=chosen, zone=zone))
        elif wanted not in {name for name, _, _ in single}:
            single.append((wanted, place, convert[wanted]))
    return _Plan(len(sheet.columns), sheet.columns, single, several, own, due)


def _zone(reading: Reading) -> tzinfo:
    name = reading.options.get("timezone")
    return ZoneInfo(name) if isinstance(name, str) else UTC


def _records(row: Row, plan: _Plan) -> Iterator[Record]:
    line, cells = row
    # Nearly always nothing is wrong, and one look at all cells says so.
    if texts.why_not_taken("".join(cells)):
        bad = next((place, why) for place, cell in enumerate(cells) if (why := texts.why_not_taken(cell)))
        yield Problem(line, _name(plan, bad[0]), "unreadable", f"The cell {bad[1]}")
        return
    if len(cells) > plan.width and any(cells[plan.width :]):
        detail = f"The row has {len(cells)} cells, and the file {plan.width} columns: is a quote or a delimiter amiss?"
        yield Problem(line, None, "too_many_cells", detail)
        return
    found = _read(line, cells, plan)
    said = found.values
    title, prose = texts.title_and_prose(said.get("title") or "", said.get("description") or None)
    if not title:
        yield Problem(line, None, "missing_title", "A task needs a title")
        return
    if prose is not None and len(prose) > texts.MAX_PROSE:
        yield Problem(line, None, "too_long", f"The description has more than {texts.MAX_PROSE} characters")
        return
    yield from found.problems
    yield ImportedTask(
        line=line,
        external_id=said.get("key") or None,
        title=title,
        description=prose,
        status=said.get("status") or None,
        category=said.get("category"),
        priority=said.get("priority"),
        assignees=said.get("assignee", ()),
        labels=said.get("labels", ()),
        start_on=said.get("start"),
        due_on=said.get("due_on"),
        due_at=said.get("due_at"),
        estimate=said.get("estimate"),
        parent=said.get("parent") or None,
        created_at=said.get("created"),
        created_by=said.get("creator"),
        completed_at=said.get("completed"),
        fields=said.get("fields", {}),
    )


def _read(line: int, cells: Sequence[str], plan: _Plan) -> _Found:
    found, length = _Found(), len(cells)
    said = found.values
    for name, place, convert in plan.single:
        if place < length and (cell := cells[place]):
            try:
                said[name] = convert(cell)
            except ValueError as error:
                found.problems.append(_unreadable(line, plan, place, cell, error))
    for name, place in plan.several:
        if place < length and (cell := cells[place].strip()):
            more = values.labels(cell) if name == "labels" else values.people(cell)
            said[name] = [*said.get(name, ()), *more]
    if plan.due is not None and plan.due[0] < length and (cell := cells[plan.due[0]]):
        try:
            due = plan.due[1](cell)
        except ValueError as error:
            found.problems.append(_unreadable(line, plan, plan.due[0], cell, error))
        else:
            said["due_at" if isinstance(due, datetime) else "due_on"] = due
    own = {name: cells[place] for name, place in plan.own if place < length and cells[place].strip()}
    if own:
        said["fields"] = own
    return found


def _unreadable(line: int, plan: _Plan, place: int, cell: str, error: ValueError) -> Problem:
    shown = cell.strip()[:_SHOWN]
    detail = f"“{shown}” {error}; the task was taken without it"
    return Problem(line, _name(plan, place), "invalid_value", detail, is_lost=False)


def _name(plan: _Plan, place: int) -> str:
    return plan.names[place] if place < plan.width else str(place + 1)
