"""The words of a list, read together: custom fields are looked up only where some are named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pydantic_core

from taskapi.core.db.session import DbSession
from taskapi.core.lists import sorting
from taskapi.core.lists.sorting import Sort
from taskapi.core.lists.sources import Source
from taskapi.models import FieldType
from taskapi.projects.fields.values import Definition, Definitions
from taskapi.tasks import errors
from taskapi.tasks.errors import UnknownField
from taskapi.tasks.filters import custom_fields
from taskapi.tasks.filters.ast import EVERY_TASK, And, Filter
from taskapi.tasks.filters.fields import Field
from taskapi.tasks.filters.meaning import filter_in
from taskapi.tasks.filters.names import NAMES, Name, name_of
from taskapi.tasks.filters.parameters import filter_of, narrowed
from taskapi.tasks.filters.schemas import TaskConditions
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import statements

_NO_FIELDS: Final[Definitions] = {}
_PARAMETER: Final = f"/query/{custom_fields.PREFIX}"
_SORT: Final = "/query/sort"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: parameters, with what a saved view adds to them."""

    params: TaskConditions
    seen_from: Standpoint
    sort: str
    narrowing: Filter = EVERY_TASK
    also: str = ""
    """An expression of the filter language, the view's or a body's, and where it stands in the request."""
    also_at: str = "/query/view"


@dataclass(frozen=True, slots=True)
class Meaning:
    tree: Filter
    order: Sort
    custom: Definitions
    """The custom fields that are named, by key; mostly none."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """Entries beside those that every task has."""
        return custom_fields.entries(self.custom.values()) if self.custom else {}

    @property
    def sort_types(self) -> tuple[FieldType | None, ...]:
        return tuple(None if field is None else field.type for field in self._sorted_by()) if self.custom else ()

    @property
    def sort_values(self) -> dict[str, object]:
        named = [custom_fields.sort_values(field, place) for place, field in enumerate(self._sorted_by()) if field]
        return {name: value for values in named for name, value in values.items()}

    def _sorted_by(self) -> list[Definition | None]:
        """By the terms of the order: the custom field that it names."""
        return [self.custom.get(_key(term.name)) if "." in term.name else None for term in self.order]


async def read(session: DbSession, wish: Wish, source: Source) -> Meaning:
    """Custom fields mean what the projects of the source have them for."""
    params, order = wish.params, sorting.parse(wish.sort)
    places = _places(wish, order)
    custom = await _custom_fields(session, source, places) if places else _NO_FIELDS
    names = _names(custom)
    tree = narrowed(filter_of(params, wish.seen_from, names), wish.narrowing)
    if wish.also:
        tree = narrowed(tree, filter_in(wish.also, wish.seen_from, wish.also_at, names))
    asked = tuple(custom_fields.clause(custom[key], texts, wish.seen_from.me) for key, texts in params.fields.items())
    return Meaning(narrowed(tree, And(asked)) if asked else tree, order, custom)


def names_fields(wish: Wish) -> bool:
    """Whether any custom field has to be known."""
    words = f"{wish.sort} {wish.params.filter} {wish.also}".lower()
    return bool(wish.params.fields) or custom_fields.PREFIX in words


async def definitions(session: DbSession, source: Source, keys: Iterable[str]) -> dict[str, Definition | None]:
    """The custom fields with these keys that the source's projects have; None where they are of several types."""
    rows = await session.fetch_rows(statements.definitions(source.origin), keys=sorted(set(keys)), **source.values)
    found: dict[str, Definition | None] = {}
    for row in rows:
        options = {option["key"]: option["name"] for option in pydantic_core.from_json(row["options"])}
        field = Definition(row["key"], row["key"], FieldType(row["type"]), required=False, options=options)
        known = found.setdefault(field.key, field)
        if known is not None and known.type is not field.type:
            found[field.key] = None
        elif known is not None:
            found[field.key] = replace(known, options={**field.options, **known.options})
    return found


async def _custom_fields(session: DbSession, source: Source, places: Mapping[str, str]) -> Definitions:
    """Those that are named, by key. What a text names and nobody has is said where the text is read."""
    found = await definitions(session, source, places)
    for key, place in places.items():
        if key not in found and place.startswith((_PARAMETER, _SORT)):
            raise UnknownField(place, key)
        if key in found and found[key] is None:
            raise errors.ambiguous_field(place, key)
    return {key: definition for key, definition in found.items() if definition is not None}


def _places(wish: Wish, order: Sort) -> dict[str, str]:
    """Where each custom field is named first, by its key."""
    places = {key: f"{_PARAMETER}{key}" for key in wish.params.fields}
    for term in order:
        if term.name.startswith(custom_fields.PREFIX):
            places.setdefault(_key(term.name), _SORT)
    for text, place in ((wish.params.filter or "", "/query/filter"), (wish.also, wish.also_at)):
        for name in custom_fields.named_in(text):
            places.setdefault(_key(name), place)
    return places


def _names(custom: Definitions) -> Mapping[str, Name]:
    if not custom:
        return NAMES
    return {**NAMES, **{name: name_of(name, entry) for name, entry in custom_fields.entries(custom.values()).items()}}


def _key(name: str) -> str:
    return name.removeprefix(custom_fields.PREFIX)
