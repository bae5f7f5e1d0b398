"""`?sort=-due,title` against a closed list, and the keyset that continues after a row in that order.

A keyset is SQL text: a list has many orders, and joins one to its statement without compiling anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from taskapi.core.db.statements import Expression, as_text, type_name

MAX_TERMS: Final = 3


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are compared by, as SQL; never null. `type` is what its text is cast back to."""

    sql: str
    type: str

    @classmethod
    def of(cls, key: "Expression | Key") -> "Key":
        return key if isinstance(key, Key) else cls(as_text(key), type_name(key))


class SortColumn:
    """What a sort name compares. `descending` differs where nulls must come last both ways."""

    __slots__ = ("_ascending", "_descending")

    def __init__(self, ascending: Expression | Key, descending: Expression | Key | None = None) -> None:
        self._ascending = Key.of(ascending)
        self._descending = self._ascending if descending is None else Key.of(descending)

    def key(self, *, descending: bool) -> Key:
        return self._descending if descending else self._ascending


@dataclass(frozen=True, slots=True)
class Term:
    name: str
    descending: bool = False


Sort = tuple[Term, ...]


def parse(sort: str) -> Sort:
    """`sort` has passed `Sorts`."""
    return tuple(Term(part.removeprefix("-"), descending=part.startswith("-")) for part in sort.split(","))


@dataclass(frozen=True, slots=True)
class Sorts:
    """The metadata of a `sort` parameter: `Annotated[str, Sorts("name", "key")]` takes these names, each once.

    Three at most: each order is a statement of its own, which every connection of the database parses and plans.
    """

    names: tuple[str, ...]
    more: tuple[str, str] | None
    """Names that are known only when somebody asks: how they are shown, and their pattern."""

    def __init__(self, *names: str, more: tuple[str, str] | None = None) -> None:
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "more", more)

    @property
    def pattern(self) -> str:
        name = f"-?({'|'.join([*self.names, *self.more[1:]] if self.more else self.names)})"
        return f"^{name}(,{name}){{0,{MAX_TERMS - 1}}}$"

    def check(self, sort: str) -> str:
        given = [part.removeprefix("-") for part in sort.split(",")]
        if len(given) > MAX_TERMS or not re.fullmatch(self.pattern, sort):
            shown = ", ".join([*self.names, *self.more[:1]] if self.more else self.names)
            raise ValueError(f"must be one to {MAX_TERMS} of {shown}, such as {self.names[0]}")
        if len(set(given)) < len(given):
            raise ValueError("must name each field once")
        return sort

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class Keyset:
    """An order that ends in the id, and the condition "after the row with these values"."""

    keys: tuple[tuple[Key, bool], ...]

    @classmethod
    def of(cls, sort: Sort, columns: Mapping[str, SortColumn], identity: Expression | Key) -> "Keyset":
        chosen = [(columns[term.name].key(descending=term.descending), term.descending) for term in sort]
        return cls((*chosen, (Key.of(identity), sort[-1].descending)))

    @property
    def order(self) -> str:
        return ", ".join(f"{key.sql} {'DESC' if descending else 'ASC'}" for key, descending in self.keys)

    @property
    def position(self) -> str:
        """The values of a row in this order, as texts named `position_0…`."""
        return ", ".join(f"CAST({key.sql} AS TEXT) AS position_{i}" for i, (key, _) in enumerate(self.keys))

    @property
    def after(self) -> str:
        """`after_0…` are the texts of a position."""
        return _after(self.keys, [f"CAST($after_{i}::text AS {key.type})" for i, (key, _) in enumerate(self.keys)])


def _after(keys: Sequence[tuple[Key, bool]], values: Sequence[str]) -> str:
    (key, descending), value = keys[0], values[0]
    beyond = "<" if descending else ">"
    if all(other == descending for _, other in keys):
        # One row comparison walks the index from the row on: 0.09 ms where the OR form took 22.
        return f"({', '.join(key.sql for key, _ in keys)}) {beyond} ({', '.join(values)})"
    rest = _after(keys[1:], values[1:])
    return f"({key.sql} {beyond}= {value} AND ({key.sql} {beyond} {value} OR ({key.sql} = {value} AND {rest})))"
