"""`?sort=-due,title` against a closed list, and the keyset that continues after a row in that order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, or_, tuple_

from taskapi.core.db.statements import Expression


@dataclass(frozen=True)
class SortColumn:
    """What a sort name compares. `descending` differs where nulls must come last both ways."""

    ascending: Expression
    descending: Expression | None = None

    def __call__(self, *, descending: bool) -> Expression:
        return self.ascending if not descending or self.descending is None else self.descending


@dataclass(frozen=True, slots=True)
class Term:
    name: str
    descending: bool = False


Sort = tuple[Term, ...]


def parse(text: str) -> Sort:
    """`text` has passed the pattern of its list. A name that comes twice counts once: its first place decides."""
    terms: dict[str, Term] = {}
    for part in text.split(","):
        name = part.removeprefix("-")
        terms.setdefault(name, Term(name, descending=part != name))
    return tuple(terms.values())


def sort_parameter(names: Sequence[str]) -> Any:  # noqa: ANN401 - an annotation
    """The type of a `sort` parameter: its closed list is a pattern, so an unknown name is a 422."""
    name = f"-?({'|'.join(names)})"
    return Annotated[str, StringConstraints(pattern=f"^{name}(,{name})*$", max_length=200)]


@dataclass(frozen=True)
class Keyset:
    """An order that ends in the id, and the condition "after the row with these values"."""

    columns: tuple[tuple[Expression, bool], ...]

    @classmethod
    def of(cls, sort: Sort, columns: Mapping[str, SortColumn], identity: Expression) -> "Keyset":
        chosen = [(columns[t.name](descending=t.descending), t.descending) for t in sort]
        return cls((*chosen, (identity, sort[-1].descending)))

    @property
    def order(self) -> list[ColumnElement[Any]]:
        return [column.desc() if descending else column.asc() for column, descending in self.columns]

    @property
    def position(self) -> list[ColumnElement[Any]]:
        """The values of a row in this order as texts, named `position_0…`."""
        return [cast(column, Text).label(f"position_{i}") for i, (column, _) in enumerate(self.columns)]

    def after(self) -> ColumnElement[bool]:
        """Bind `after_0…` to the texts of `position`."""
        values = [cast(bindparam(f"after_{i}", type_=Text), column.type) for i, (column, _) in enumerate(self.columns)]
        return _after(self.columns, values)


def _after(columns: Sequence[tuple[Expression, bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    column, descending = columns[0]
    if all(other == descending for _, other in columns):
        # One row comparison walks the index from the row on: 0.09 ms where the OR form took 22.
        row, bound = tuple_(*(c for c, _ in columns)), tuple_(*values)
        return row < bound if descending else row > bound
    beyond = column < values[0] if descending else column > values[0]
    at_or_beyond = column <= values[0] if descending else column >= values[0]
    return and_(at_or_beyond, or_(beyond, and_(column == values[0], _after(columns[1:], values[1:]))))
