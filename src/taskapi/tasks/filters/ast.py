"""A filter as a value: clauses about fields, joined by AND, OR and NOT.

Whatever lets people say which tasks they mean writes such a tree. It knows no SQL, no caller and no time zone:
`me`, "today" and the like have become values before.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class Operator(StrEnum):
    ANY_OF = "any_of"
    HOLDS = "holds"  # what is true or not, without a value
    EMPTY = "empty"
    BEFORE = "before"
    SINCE = "since"
    MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class Clause:
    """One field compared with values, of which one must fit. `tasks.filters.fields` tells what a field takes."""

    field: str
    operator: Operator
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none: every task."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them; of none: no task."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Every other task; also those for which the part has no answer, such as one without a due date."""

    part: "Filter"


Filter: TypeAlias = Clause | And | Or | Not
EVERY_TASK: Final = And(())
