"""A statement as a value: SQLAlchemy Core compiled once for the driver, and rows rendered as JSON by PostgreSQL.

Compiling a statement on every request costs more than running it (160 of 250 µs measured), and building fifty
answers value by value in Python costs three times what PostgreSQL needs for them. So `queries.py` prepares its
statements at import, and a resource's body arrives as one ready text.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, DateTime, Executable, Text, bindparam, cast, func, literal_column
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ClauseElement

# SQLAlchemy has no types for its dialects' constructors.
_DIALECT: Any = asyncpg.dialect()  # type: ignore[no-untyped-call]
Expression: TypeAlias = ColumnElement[Any] | InstrumentedAttribute[Any]
_MISSING = object()
_RFC3339 = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class Statement:
    """SQL text with `$1…` in it, and the names its parameters are given by."""

    __slots__ = ("_parameters", "sql")

    def __init__(self, sql: str, parameters: Iterable[tuple[str, object]]) -> None:
        self.sql = sql
        self._parameters = tuple(parameters)

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """In the driver's order; constants of the statement fill in for names not given."""
        arguments = [values.get(name, constant) for name, constant in self._parameters]
        if _MISSING in arguments:
            missing = [name for name, constant in self._parameters if values.get(name, constant) is _MISSING]
            raise TypeError(f"The statement needs {', '.join(missing)}")
        return arguments


def prepare(statement: Executable, *columns: str) -> Statement:
    """Compile once, at import (or once a shape, where a list has many).

    `columns` are those an INSERT or UPDATE sets from parameters of the same names; none: all of them.
    """
    assert isinstance(statement, ClauseElement)
    compiled: Any = statement.compile(dialect=_DIALECT, column_keys=columns or None)
    required = {bind.key for bind in compiled.bind_names if bind.required}
    return Statement(
        str(compiled),
        [(name, _MISSING if name in required else compiled.params[name]) for name in compiled.positiontup or ()],
    )


def rfc3339(column: Expression) -> ColumnElement[str]:
    """An instant as the contract writes it: UTC, microseconds, `Z`."""
    return func.to_char(func.timezone(literal_column("'UTC'"), column), literal_column(f"'{_RFC3339}'"))


def as_json(fields: Mapping[str, Expression], *, cast_to_text: bool = True) -> ColumnElement[str]:
    """One row as the JSON of its public representation, fields in the order given; a text unless it is nested."""
    pairs = [part for name, column in fields.items() for part in (literal_column(f"'{name}'"), _public(column))]
    document = func.json_build_object(*pairs)
    return cast(document, Text) if cast_to_text else document


def contains(column: Expression, parameter: str) -> ColumnElement[bool]:
    """Whether a text contains the parameter, whatever its case. No pattern: `%` and `_` mean themselves."""
    return func.strpos(func.lower(column), func.lower(bindparam(parameter, type_=Text))) > 0


def _public(column: Expression) -> Expression:
    return rfc3339(column) if isinstance(column.type, DateTime) else column
