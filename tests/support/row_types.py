"""The types of rows, held against the columns of their statements: `python -m tests.support.row_types` prints misfits.

A program of its own, because statements are prepared while their modules are imported, and that is when it listens.
"""

import pkgutil
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from sqlalchemy import Column, ColumnElement, Label
from sqlalchemy.sql.elements import ClauseElement

import taskapi
from taskapi.core.db import statements
from taskapi.core.db.statements import One

# Columns that may be null in the table, and are not in these rows, because of a condition of their statements.
NEVER_NULL: Final = {
    "LockedAccount.email",  # null once an account is deleted
    "AccountOfAddress.email",  # found by it
}


def misfits(columns: Iterable[ColumnElement[Any]], row: Any) -> Iterator[str]:
    """What is said of a column's value and cannot be true, in words."""
    types = {} if get_origin(row) is One else get_type_hints(row)
    for column in columns:
        name = f"{row.__name__}.{column.key}"
        said = types[str(column.key)] if types else get_args(row)[0]
        choices = _choices(said)
        is_a = _python_type(column)
        if is_a is not object and not choices & {is_a, object}:
            yield f"{name} is said to be {said}, and is a {is_a.__name__}"
        if _may_be_null(column) and not choices & {NoneType, object} and name not in NEVER_NULL:
            yield f"{name} is said to be {said}, and may be null"


def _choices(said: Any) -> set[type]:
    """`dict[str, str] | None` is a dict or nothing."""
    parts = get_args(said) if NoneType in get_args(said) else (said,)
    return {get_origin(part) or part for part in parts}


def _python_type(column: ColumnElement[Any]) -> type:
    """`object` where SQLAlchemy does not know: for JSON, and for functions of PostgreSQL's."""
    try:
        return column.type.python_type
    except NotImplementedError:
        return object


def _may_be_null(column: ColumnElement[Any]) -> bool:
    """Of a table's own column; of an expression nobody knows."""
    own = column.element if isinstance(column, Label) else column
    return isinstance(own, Column) and bool(own.nullable)


def main() -> None:
    seen: list[tuple[ClauseElement, Any]] = []
    statements._require_columns = lambda statement, row: seen.append((statement, row))
    for module in pkgutil.walk_packages(taskapi.__path__, "taskapi."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for statement, row in seen:
        for misfit in misfits(getattr(statement, "exported_columns", ()), row):
            sys.stdout.write(f"{misfit}\n")
    sys.stdout.write(f"{len(seen)} statements\n")


if __name__ == "__main__":
    main()
