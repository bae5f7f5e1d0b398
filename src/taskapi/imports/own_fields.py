"""Values of custom fields, read from the words of a file by the type that the field has."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from taskapi.imports import values
from taskapi.imports.known import Known, folded
from taskapi.imports.records import ImportedTask, Problem
from taskapi.models import FieldType
from taskapi.projects.fields import values as custom_values
from taskapi.projects.fields.errors import InvalidValues
from taskapi.projects.fields.values import Definition, Values

_YES: Final = frozenset({"true", "yes", "y", "1", "x", "on", "done", "checked"})
_NO: Final = frozenset({"false", "no", "n", "0", "off", "-", "unchecked"})


def values_of(record: ImportedTask, known: Known) -> tuple[Values, list[Problem]]:
    """What fits the project's fields; what does not is a problem, and the task is taken without it."""
    found: Values = {}
    problems = []
    for name, said in record.fields.items():
        definition = known.definition(name)
        if definition is None:
            detail = "The project has no custom field of this name, and none was made; the task was taken without it"
            problems.append(Problem(record.line, name, "unknown_field", detail, is_lost=False))
            continue
        try:
            found |= custom_values.merged(known.definitions, {}, {definition.key: _read(said, definition, known)})
        except InvalidValues as error:
            why = error.members["errors"][0]["detail"]
            problems.append(_unfit(record, name, why))
        except ValueError as error:
            problems.append(_unfit(record, name, str(error)))
    return found, problems


def _unfit(record: ImportedTask, name: str, why: str) -> Problem:
    return Problem(record.line, name, "invalid_value", f"{why}; the task was taken without it", is_lost=False)


def _read(said: object, definition: Definition, known: Known) -> object:
    if isinstance(said, datetime):
        said = said.astimezone(UTC).isoformat()
    elif isinstance(said, date):
        said = said.isoformat()
    if not isinstance(said, str) or definition.type is FieldType.TEXT:
        return str(said) if definition.type is FieldType.TEXT and said is not None else said
    read = _READ.get(definition.type)
    return said.strip() if read is None else read(said, definition, known)


def _number(said: str, _: Definition, __: Known) -> object:
    return values.number(said)


def _day(said: str, _: Definition, __: Known) -> object:
    day = values.day(said, None, UTC)
    return None if day is None else day.isoformat()


def _checkbox(said: str, _: Definition, __: Known) -> object:
    word = folded(said)
    if word in _YES | _NO:
        return word in _YES
    raise ValueError("must be yes or no")


def _option(said: str, definition: Definition, _: Known) -> object:
    return _key_of(said, definition)


def _options(said: str, definition: Definition, _: Known) -> object:
    return [_key_of(part, definition) for part in values.labels(said)]


def _person(said: str, _: Definition, known: Known) -> object:
    person = known.person(values.person(said))
    if person is None:
        raise ValueError("names nobody who is a member of the project")
    return str(person)


def _key_of(said: str, definition: Definition) -> str:
    by_name = {folded(name): key for key, name in definition.options.items()}
    word = folded(said)
    return word if word in definition.options else by_name.get(word, said.strip())


_READ: Final[Mapping[FieldType, Callable[[str, Definition, Known], Any]]] = {
    FieldType.NUMBER: _number,
    FieldType.DATE: _day,
    FieldType.CHECKBOX: _checkbox,
    FieldType.SELECT: _option,
    FieldType.MULTI_SELECT: _options,
    FieldType.USER: _person,
}
