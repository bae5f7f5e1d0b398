"""A project's custom fields as what tasks can be filtered and sorted by: entries beside FIELDS, made from definitions.

A field's key goes into the SQL by way of a value, never as text. Each comparison is safe on whatever value stands
there: PostgreSQL may try it on tasks of other projects, whose field of the same key is of another type.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from taskapi.core.fields import Day
from taskapi.core.lists.sorting import Key, SortColumn
from taskapi.models import FieldType
from taskapi.projects.fields.values import Definition, number_text
from taskapi.tasks import errors
from taskapi.tasks.filters import language
from taskapi.tasks.filters.ast import Clause, Filter, Not, Operator, Or
from taskapi.tasks.filters.fields import Ask, Field, Part, Values

PREFIX: Final = "field."
_WORDS: Final = (FieldType.TEXT, FieldType.URL)
_SELECTS: Final = (FieldType.SELECT, FieldType.MULTI_SELECT)
_MOST_OPTIONS: Final = 2**31 - 1
_NUMBER: Final = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,20})?")
_DAYS: Final[TypeAdapter[date]] = TypeAdapter(Day)
# As the table beside `tasks` has it, which cuts long values.
_FOUND: Final = """EXISTS (
    SELECT FROM task_fields
    WHERE task_fields.project_id = tasks.project_id AND task_fields.field = $?::text
        AND task_fields.value = ANY ($?::text[]) AND task_fields.task_id = tasks.id
)"""
_AS_NUMBER: Final = "CASE jsonb_typeof({fields} -> {key}) WHEN 'number' THEN CAST({fields} ->> {key} AS numeric) END"
_AS_WORD: Final = 'CAST({fields} ->> {key} AS text) COLLATE "C"'


def entries(definitions: Iterable[Definition]) -> dict[str, Field]:
    """For `compiled(tree, {**FIELDS, **entries(…)})`: `field.cost` and the like.

    Numbers and days have BEFORE and SINCE; what is at most 5 is BEFORE or ANY_OF it. A checkbox HOLDS, or does not.
    """
    return {f"{PREFIX}{definition.key}": _entry(definition) for definition in definitions}


def named_in(text: str) -> frozenset[str]:
    """The custom fields that an expression of the filter language names, as `field.cost`.

    None where it cannot be read: to say so is the business of whoever reads it for what it means.
    """
    if PREFIX not in text.lower():
        return frozenset()
    try:
        names = language.names_in(language.read(text))
    except language.Mistake:
        return frozenset()
    return frozenset(name for name in names if name.startswith(PREFIX))


def clause(definition: Definition, texts: Sequence[str], me: UUID | None) -> Filter:
    """What a query parameter asks for, repeated for OR; `none` are the tasks without a value."""
    name = f"{PREFIX}{definition.key}"
    empty = Clause(name, Operator.EMPTY)
    read = [_read(definition, text, me) for text in dict.fromkeys(texts) if text != "none"]
    if definition.type is FieldType.CHECKBOX:
        checked = Clause(name, Operator.HOLDS)
        parts: list[Filter] = [checked if value else Not(checked) for value in read]
    else:
        parts = [Clause(name, Operator.ANY_OF, tuple(read))] if read else []
    if "none" in texts:
        parts.append(empty)
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def sort_column(definition_type: FieldType, place: int, table: str) -> SortColumn:
    """The order of the list's `place`-th term, over `table`.fields; what has no value is last both ways."""
    named = {"fields": f"{table}.fields", "key": f"$sort_field_{place}::text"}
    if definition_type is FieldType.NUMBER:
        number = _AS_NUMBER.format(**named)
        return SortColumn(*(Key(f"coalesce({number}, '{end}'::numeric)", "NUMERIC") for end in _ENDS))
    if definition_type is FieldType.CHECKBOX:
        return SortColumn(Key("coalesce({fields} -> {key} = 'true'::jsonb, false)".format(**named), "BOOLEAN"))
    if definition_type in _SELECTS:
        value = "{fields} ->> {key}" if definition_type is FieldType.SELECT else "{fields} -> {key} ->> 0"
        position = f"array_position($sort_options_{place}::text[], {value.format(**named)})"
        return SortColumn(*(Key(f"coalesce({position}, {end})", "INTEGER") for end in (_MOST_OPTIONS, 0)))
    word = "({fields} ->> {key})".format(**named)
    word = f"reading_order({word})" if definition_type in _WORDS else word
    first, last = f"coalesce('0' || {word}, '1')", f"coalesce('1' || {word}, '0')"
    return SortColumn(*(Key(f'{way} COLLATE "C"', "TEXT") for way in (first, last)))


def sort_values(definition: Definition, place: int) -> dict[str, object]:
    """The values of `sort_column`."""
    values: dict[str, object] = {f"sort_field_{place}": definition.key}
    if definition.type in _SELECTS:
        values[f"sort_options_{place}"] = list(definition.options)
    return values


_ENDS: Final = ("Infinity", "-Infinity")


def _entry(definition: Definition) -> Field:
    key, empty = definition.key, _is_empty(definition.key)
    match definition.type:
        case FieldType.NUMBER:
            return Field(
                float, {Operator.ANY_OF: _any_of(key, number_text), **_range(key, _AS_NUMBER, _decimal), **empty}
            )
        case FieldType.DATE:
            return Field(date, {Operator.ANY_OF: _any_of(key, _day), **_range(key, _AS_WORD, _day), **empty})
        case FieldType.CHECKBOX:
            return Field(bool, {Operator.HOLDS: _is_checked(key), **empty})
        case FieldType.USER:
            return Field(UUID, {Operator.ANY_OF: _any_of(key, str), **empty})
        case FieldType.SELECT | FieldType.MULTI_SELECT:
            return Field(str, {Operator.ANY_OF: _any_of(key, str), **empty})
        case FieldType.TEXT | FieldType.URL:
            return Field(str, {Operator.ANY_OF: _is_one_of_texts(key), **empty})


def _any_of(key: str, write: Callable[[Any], str]) -> Ask:
    def ask(values: Values) -> Part:
        return Part(_FOUND, (key, [write(value) for value in values]))

    return ask


def _is_one_of_texts(key: str) -> Ask:
    def ask(values: Values) -> Part:
        texts = [str(value) for value in values]
        beginnings = [text[:100] for text in texts]
        return Part(f"{_FOUND} AND tasks.fields ->> $?::text = ANY ($?::text[])", (key, beginnings, key, texts))

    return ask


def _range(key: str, expression: str, write: Callable[[Any], object]) -> dict[Operator, Ask]:
    """The key is a parameter as often as the expression names it."""
    value = expression.format(fields="tasks.fields", key="$?::text")
    keys = (key,) * value.count("$?")
    sql_type = "numeric" if write is _decimal else "text"

    def compared(operator: str) -> Ask:
        def ask(values: Values) -> Part:
            (bound,) = values
            return Part(f"({value}) {operator} $?::{sql_type}", (*keys, write(bound)))

        return ask

    return {Operator.BEFORE: compared("<"), Operator.SINCE: compared(">=")}


def _is_checked(key: str) -> Ask:
    def ask(values: Values) -> Part:
        assert not values
        return Part("tasks.fields -> $?::text = 'true'::jsonb", (key,))

    return ask


def _is_empty(key: str) -> Mapping[Operator, Ask]:
    def ask(values: Values) -> Part:
        assert not values
        return Part("tasks.fields -> $?::text IS NULL", (key,))

    return {Operator.EMPTY: ask}


def _decimal(value: float) -> Decimal:
    return Decimal(number_text(value))


def _day(value: date) -> str:
    return value.isoformat()


def _read(definition: Definition, text: str, me: UUID | None) -> object:
    """A value as a query parameter writes it; what cannot be one is told."""
    try:
        return _READ[definition.type](definition, text, me)
    except (ValueError, ValidationError):
        raise errors.unfit_field_value(definition.key, _MUST[definition.type]) from None


def _number(_: Definition, text: str, __: UUID | None) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _person(_: Definition, text: str, me: UUID | None) -> UUID:
    return me if text == "me" and me is not None else UUID(text)


def _option(definition: Definition, text: str, _: UUID | None) -> str:
    if text not in definition.options:
        raise ValueError
    return text


def _checked(_: Definition, text: str, __: UUID | None) -> bool:
    if text not in {"true", "false"}:
        raise ValueError
    return text == "true"


_READ: Final[Mapping[FieldType, Callable[[Definition, str, UUID | None], object]]] = {
    FieldType.TEXT: lambda _, text, __: text,
    FieldType.URL: lambda _, text, __: text,
    FieldType.NUMBER: _number,
    FieldType.DATE: lambda _, text, __: _DAYS.validate_python(text),
    FieldType.SELECT: _option,
    FieldType.MULTI_SELECT: _option,
    FieldType.USER: _person,
    FieldType.CHECKBOX: _checked,
}
_MUST: Final[Mapping[FieldType, str]] = {
    FieldType.TEXT: "a text",
    FieldType.URL: "a web address",
    FieldType.NUMBER: "a number, such as 3 or 2.5",
    FieldType.DATE: "a day, such as 2026-01-31",
    FieldType.SELECT: "the key of one of its options",
    FieldType.MULTI_SELECT: "the key of one of its options",
    FieldType.USER: "me or a user's id",
    FieldType.CHECKBOX: "true or false",
}
