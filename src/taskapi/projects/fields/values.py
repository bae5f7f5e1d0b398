"""Values of custom fields: what each type takes, how it is stored, and what of it another project can take.

Nothing here looks anything up: who is a member is its caller's question.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from pydantic import AnyHttpUrl, Field, StrictBool, StrictStr, TypeAdapter, ValidationError

from taskapi.core.fields import ClientId, Day, Prose
from taskapi.core.resources.document import Fields
from taskapi.models import FieldType
from taskapi.projects.fields.errors import InvalidValues, faulty

Values = dict[str, Any]
"""By the keys of their fields, as JSON has them."""
_SHOWN: Final = 20
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Definition:
    """A custom field, as far as its values need it."""

    key: str
    name: str
    type: FieldType
    required: bool
    options: Mapping[str, str]
    """The names of a select's options, by key, in order."""

    @classmethod
    def of(cls, fields: Fields) -> "Definition":
        """From the public representation of a field."""
        options = {option["key"]: option["name"] for option in fields["options"]}
        return cls(fields["key"], fields["name"], FieldType(fields["type"]), fields["required"], options)


Definitions = Mapping[str, Definition]
"""By key."""


def merged(definitions: Definitions, before: Values, patch: Mapping[str, object]) -> Values:
    """What a task has when a merge patch is done: null takes a value away. Each fault is told, by its key."""
    given: Values = {}
    faults = []
    for key, value in patch.items():
        definition = definitions.get(key)
        if definition is None and value is None and key in before:
            given[key] = None  # left over by a process that knew no fields when it moved the task
        elif definition is None:
            faults.append((key, "unknown_field", "The project has no custom field with this key"))
        elif value in (None, []):
            given[key] = None
            if definition.required:
                faults.append(_missing(key))
        else:
            try:
                given[key] = _stored(definition, value)
            except ValueError as error:
                faults.append((key, "invalid_value", str(error)))
    if faults:
        raise faulty(faults)
    return {key: value for key, value in {**before, **given}.items() if value is not None}


def fitting(definitions: Definitions, values: Values) -> Values:
    """Of values that fitted once those that a task can be given now."""

    def fits(key: str) -> bool:
        try:
            return bool(merged(definitions, {}, {key: values[key]}))
        except InvalidValues:
            return False

    return {key: value for key, value in values.items() if fits(key)}


def require_all(definitions: Definitions, values: Values) -> None:
    """A new task has a value for each field that needs one."""
    missing = [key for key, definition in definitions.items() if definition.required and key not in values]
    if missing:
        raise faulty([_missing(key) for key in missing])


def require_members(definitions: Definitions, given: Mapping[str, object], members: Collection[UUID]) -> None:
    strangers = [key for key, user_id in people(definitions, given).items() if user_id not in members]
    if strangers:
        raise faulty([(key, "unknown_user", "The project has no member with this id") for key in strangers])


def people(definitions: Definitions, values: Mapping[str, object]) -> dict[str, UUID]:
    """Who is named, by the field's key, by values that fit."""
    return {
        key: UUID(str(value))
        for key, value in values.items()
        if value is not None and key in definitions and definitions[key].type is FieldType.USER
    }


def carried(values: Values, here: Definitions, there: Definitions) -> Values:
    """What goes along to another project: into the field of the same key and type, or of the same name and type.

    Options are found by key, or by name. What finds no place stays behind.
    """
    by_name = {(field.name.casefold(), field.type): field for field in reversed(list(there.values()))}
    arrived: Values = {}
    for key, value in values.items():
        if (source := here.get(key)) is None:
            continue
        target = there.get(key)
        if target is None or target.type is not source.type:
            target = by_name.get((source.name.casefold(), source.type))
        if target is not None and target.key not in arrived:
            arrived[target.key] = _translated(value, source, target)
    return {key: value for key, value in arrived.items() if value not in (None, [])}


def number_text(value: float) -> str:
    """As PostgreSQL writes it, so that texts can be compared."""
    return format(Decimal(repr(_plain(value))), "f")


def _translated(value: Any, source: Definition, target: Definition) -> Any:  # noqa: ANN401
    if not source.options:
        return value
    by_name = {name.casefold(): key for key, name in target.options.items()}

    def option(key: str) -> str | None:
        return key if key in target.options else by_name.get(source.options.get(key, "").casefold())

    if isinstance(value, list):
        return _in_order(target, {found for found in map(option, value) if found is not None})
    return option(value)


def _in_order(definition: Definition, chosen: Collection[str]) -> list[str]:
    return [key for key in definition.options if key in chosen]


def _missing(key: str) -> tuple[str, str, str]:
    return (key, "required", "The project requires a value here")


def _stored(definition: Definition, value: object) -> object:
    """ValueError says what it must be."""
    return _TAKEN[definition.type](definition, value)


def _adapted(adapter: TypeAdapter[_T], value: object, else_: str) -> _T:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        raise ValueError(else_) from None


def _plain(value: float) -> float:
    """3.0 is 3, in JSON and in texts."""
    return int(value) if value == int(value) else value


_TEXT: Final[TypeAdapter[str]] = TypeAdapter(Annotated[StrictStr, Field(min_length=1, max_length=10_000)])
_PROSE: Final[TypeAdapter[str]] = TypeAdapter(Prose)
_NUMBER: Final[TypeAdapter[float]] = TypeAdapter(
    Annotated[float, Field(strict=True, ge=-1e15, le=1e15, allow_inf_nan=False)]
)
_DAY: Final = TypeAdapter[Any](Day)
_PERSON: Final = TypeAdapter[Any](ClientId)
_URL: Final = TypeAdapter(AnyHttpUrl)
_ADDRESS: Final[TypeAdapter[str]] = TypeAdapter(Annotated[StrictStr, Field(max_length=2000)])
_CHECKED: Final = TypeAdapter(StrictBool)
_KEYS: Final[TypeAdapter[list[str]]] = TypeAdapter(list[StrictStr])


def _text(_: Definition, value: object) -> str:
    must = "must be a text of 1 to 10000 characters, without NUL"
    return _adapted(_PROSE, _adapted(_TEXT, value, must), must)


def _number(_: Definition, value: object) -> float:
    return _plain(_adapted(_NUMBER, value, "must be a number, 10^15 at most either way"))


def _date(_: Definition, value: object) -> str:
    day: str = _adapted(_DAY, value, "must be a day, such as 2026-01-31, between the years 1900 and 2999").isoformat()
    return day


def _person(_: Definition, value: object) -> str:
    return str(_adapted(_PERSON, value, "must be the id of a member"))


def _url(_: Definition, value: object) -> str:
    must = "must be a web address of at most 2000 characters, such as https://example.com"
    text = _adapted(_ADDRESS, value, must)
    _adapted(_URL, text, must)
    if not text.isprintable() or " " in text:
        raise ValueError(must)
    return text


def _checkbox(_: Definition, value: object) -> bool:
    return _adapted(_CHECKED, value, "must be true or false")


def _one_option(definition: Definition, value: object) -> str:
    if not isinstance(value, str) or value not in definition.options:
        raise ValueError(f"must be one of {_named(definition.options)}")
    return value


def _some_options(definition: Definition, value: object) -> list[str]:
    must = f"must be a list of some of {_named(definition.options)}"
    keys: list[str] = _adapted(_KEYS, value, must)
    chosen = set(keys)
    if not chosen <= set(definition.options):
        raise ValueError(must)
    return _in_order(definition, chosen)


def _named(options: Iterable[str]) -> str:
    shown = list(options)
    return ", ".join(shown[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")


_TAKEN: Final[Mapping[FieldType, Callable[[Definition, object], object]]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.SELECT: _one_option,
    FieldType.MULTI_SELECT: _some_options,
    FieldType.USER: _person,
    FieldType.URL: _url,
    FieldType.CHECKBOX: _checkbox,
}
