"""A filter compiled: SQL with numbered parameters, and their values.

The SQL depends on what is asked, never on the values: it is the filter without them, so lists take it as the name of
their statement's shape. Joining it from the texts of the fields takes microseconds, whatever the filter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from taskapi.tasks.filters.ast import And, Clause, Filter, Not, Or
from taskapi.tasks.filters.fields import FIELDS, Field, Part

_VALUE: Final = re.compile(r"\$\?")


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL about the row `tasks`, with parameters `$f0…`, and their values by these names."""

    sql: str
    values: Mapping[str, object]


def compiled(tree: Filter, fields: Mapping[str, Field] = FIELDS) -> Condition:
    """Filters that differ only in the order of their parts, or in their values, have the same SQL."""
    part = _part(tree, fields)
    numbers = count()
    sql = _VALUE.sub(lambda _: f"$f{next(numbers)}", part.sql)
    return Condition(sql, {f"f{i}": value for i, value in enumerate(part.values)})


def _part(tree: Filter, fields: Mapping[str, Field], *, must_hold: bool = True) -> Part:
    match tree:
        case Clause(name, operator, values):
            field = fields[name]
            ask = field.operators[operator] if must_hold else field.of_one.get(operator, field.operators[operator])
            return ask(values)
        case And(parts):
            return _joined(" AND ", parts, fields, of_none="true", must_hold=must_hold)
        case Or(parts):
            return _joined(" OR ", parts, fields, of_none="false", must_hold=must_hold and len(parts) == 1)
        case Not(part):
            negated = _part(part, fields, must_hold=False)
            # Not `NOT`: where the field is empty, the comparison is NULL, and so would be its negation.
            return Part(f"({negated.sql}) IS NOT TRUE", negated.values)


def _joined(
    operator: str, trees: tuple[Filter, ...], fields: Mapping[str, Field], *, of_none: str, must_hold: bool
) -> Part:
    if len(trees) == 1:
        return _part(trees[0], fields, must_hold=must_hold)
    parts = sorted((_part(tree, fields, must_hold=must_hold) for tree in trees), key=lambda part: part.sql)
    sql = operator.join(f"({part.sql})" for part in parts) or of_none
    return Part(sql, tuple(value for part in parts for value in part.values))
