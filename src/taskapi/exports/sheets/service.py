"""The tasks of a project as CSV (RFC 4180): a row each, people, labels and custom fields by their names."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import pydantic_core

from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Fields
from taskapi.exports import pages, queries
from taskapi.exports.sheets.cells import joined, safe
from taskapi.models import FieldType
from taskapi.projects.fields.values import Definition
from taskapi.projects.queries import ProjectRow

# Spreadsheets take a file without it for one of an older encoding.
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Names:
    """What ids and keys of the project are called."""

    statuses: Mapping[str, str]
    labels: Mapping[str, str]
    milestones: Mapping[str, str]
    cycles: Mapping[str, str]
    people: dict[str, str]
    fields: tuple[Definition, ...]


_Cell = Callable[[Fields, _Names], object]
_COLUMNS: Final[Mapping[str, _Cell]] = {
    "key": lambda task, _: task["key"],
    "title": lambda task, _: task["title"],
    "description": lambda task, _: task["description"],
    "status": lambda task, names: names.statuses.get(task["status"], task["status"]),
    "priority": lambda task, _: task["priority"],
    "assignee": lambda task, names: joined(names.people[person] for person in task["assignee_ids"]),
    "labels": lambda task, names: joined(names.labels[label] for label in task["label_ids"] if label in names.labels),
    "start": lambda task, _: task["start_on"],
    "due": lambda task, _: task["due_at"] or task["due_on"],
    "estimate": lambda task, _: task["estimate"],
    "parent": lambda task, _: task["parent"] and task["parent"]["key"],
    "milestone": lambda task, names: names.milestones.get(task["milestone_id"]),
    "cycle": lambda task, names: names.cycles.get(task["cycle_id"]),
    "created_by": lambda task, names: names.people[task["created_by"]],
    "created_at": lambda task, _: task["created_at"],
    "updated_at": lambda task, _: task["updated_at"],
    "completed_at": lambda task, _: task["completed_at"],
}


async def write(session: DbSession, row: ProjectRow) -> AsyncIterator[bytes]:
    names = await _read_names(session, row["id"])
    yield _BYTE_ORDER_MARK + _text([[*_COLUMNS, *_headings(names.fields)]])
    async for page in pages.of_tasks(session, queries.rows_of_table, row["id"]):
        tasks = [pydantic_core.from_json(task["body"]) for task in page]
        await _learn_people(session, names, tasks)
        yield _text([_cells(task, names) for task in tasks])


async def _read_names(session: DbSession, project_id: UUID) -> _Names:
    async def all_of(kind: str) -> list[dict[str, Any]]:
        bodies = await session.fetch_values(queries.DEFINITIONS[kind], of_project=project_id)
        return [pydantic_core.from_json(body) for body in bodies]

    return _Names(
        statuses={status["key"]: status["name"] for status in await all_of("status")},
        labels={label["id"]: label["name"] for label in await all_of("label")},
        milestones={milestone["id"]: milestone["name"] for milestone in await all_of("milestone")},
        cycles={cycle["id"]: cycle["name"] for cycle in await all_of("cycle")},
        people={},
        fields=tuple(Definition.of(field) for field in await all_of("field")),
    )


async def _learn_people(session: DbSession, names: _Names, tasks: list[dict[str, Any]]) -> None:
    """Whom these tasks name. A value of a custom field is a person where the field says so."""
    of_people = [field.key for field in names.fields if field.type is FieldType.USER]
    named = {person for task in tasks for person in (task["created_by"], *task["assignee_ids"])}
    named |= {task["fields"][key] for task in tasks for key in of_people if task["fields"].get(key)}
    if unknown := named - set(names.people):
        for row in await session.fetch_rows(queries.PEOPLE, ids=[UUID(person) for person in sorted(unknown)]):
            person = pydantic_core.from_json(row["body"])
            names.people[person["id"]] = person["username"]


def _headings(fields: tuple[Definition, ...]) -> list[str]:
    """The names of custom fields; with its key where one is called as another column is."""
    taken = [*_COLUMNS, *(field.name for field in fields)]
    lower = [name.lower() for name in taken]
    return [
        safe(field.name if lower.count(field.name.lower()) == 1 else f"{field.name} ({field.key})") for field in fields
    ]


def _cells(task: dict[str, Any], names: _Names) -> list[object]:
    built_in = [_cell(read(task, names)) for read in _COLUMNS.values()]
    return built_in + [_cell(_value(field, task["fields"].get(field.key), names)) for field in names.fields]


def _value(field: Definition, value: Any, names: _Names) -> object:  # noqa: ANN401 - of a custom field
    if value is None:
        return None
    match field.type:
        case FieldType.SELECT:
            return field.options.get(value, value)
        case FieldType.MULTI_SELECT:
            return joined(field.options.get(chosen, chosen) for chosen in value)
        case FieldType.USER:
            return names.people.get(value, value)
        case FieldType.CHECKBOX:
            return "true" if value else "false"
        case _:
            return value


def _cell(value: object) -> object:
    """A number cannot be a formula, and stays a number."""
    return safe(value) if isinstance(value, str) else value


def _text(rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
