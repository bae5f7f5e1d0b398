"""A statement as a value: SQLAlchemy Core compiled once for the driver, and rows rendered as JSON by PostgreSQL.

Compiling a statement on every request costs more than running it (160 of 250 µs measured), and building fifty
answers value by value in Python costs three times what PostgreSQL needs for them. So `queries.py` prepares its
statements at import, and a resource's body arrives as one ready text.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, Generic, TypeAlias, TypeVar, get_origin, overload

from sqlalchemy import JSON, ColumnElement, DateTime, Executable, Text, bindparam, cast, func, literal_column
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

_R_co = TypeVar("_R_co", covariant=True)
_R = TypeVar("_R")
Expression: TypeAlias = ColumnElement[Any] | InstrumentedAttribute[Any]
_MISSING: Final = object()
_NAMED: Final = re.compile(r"\$([a-z][a-z0-9_]*)")
_NUMBERED: Final = re.compile(r"\$([0-9]+)")
_RFC3339: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class One(Generic[_R_co]):
    """The type of a row with one column, whose value `fetch_value` answers."""


class Statement(Generic[_R_co]):
    """SQL text with `$1…` in it, the names its parameters are given by, and the type of its rows.

    The type is a `TypedDict` (the driver's record is read by the same keys), `One[…]`, or None where it has no rows.
    """

    __slots__ = ("_parameters", "names", "sql")

    def __init__(self, sql: str, parameters: Iterable[tuple[str, object]]) -> None:
        self.sql = sql
        self._parameters = tuple(parameters)
        self.names: Final = frozenset(name for name, _ in self._parameters)

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """In the driver's order; constants of the statement fill in for names not given."""
        arguments = [values.get(name, constant) for name, constant in self._parameters]
        if _MISSING in arguments or not self.names.issuperset(values):
            raise TypeError(self._complaint(values))
        return arguments

    def taken_from(self, values: Mapping[str, object]) -> dict[str, object]:
        """Those of the values that this statement has parameters for."""
        return {name: value for name, value in values.items() if name in self.names}

    def _complaint(self, values: Mapping[str, object]) -> str:
        missing = [name for name, constant in self._parameters if values.get(name, constant) is _MISSING]
        unknown = sorted(set(values) - self.names)
        return f"The statement needs {missing}, and does not know {unknown}: {self.sql[:200]}"


@overload
def prepare(statement: Executable, *columns: str) -> Statement[None]: ...


@overload
def prepare(statement: Executable, *columns: str, row: type[_R]) -> Statement[_R]: ...


def prepare(statement: Executable, *columns: str, row: type[object] | None = None) -> Statement[Any]:
    """Compile once, at import (or once a shape, where a list has many).

    `columns` are those an INSERT or UPDATE sets from parameters of the same names; none: all of them. `row` is the
    type of the rows, compared with the columns here, so that a wrong one is an error of the import. A parameter of
    the WHERE has a name that no column has (`of_task`, not `task_id`): in an UPDATE, SQLAlchemy keeps the columns'
    names for the values that are set.
    """
    assert isinstance(statement, ClauseElement)
    if row is not None:
        _require_columns(statement, row)
    compiled = statement.compile(dialect=_dialect(), column_keys=columns or None)
    assert isinstance(compiled, SQLCompiler)
    required = {bind.key for bind in compiled.bind_names if bind.required}
    return Statement(
        str(compiled),
        [(name, _MISSING if name in required else compiled.params[name]) for name in compiled.positiontup or ()],
    )


def prepare_text(sql: str, row: type[_R]) -> Statement[_R]:  # noqa: ARG001 - it says what `_R` is
    """A statement that is SQL already: `$name::type` stands for a parameter.

    For statements that are put together from parts at run time: joining texts takes microseconds, where compiling
    the same statement from SQLAlchemy's expressions holds the event loop for milliseconds.
    """
    numbers: dict[str, int] = {}
    text = _NAMED.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
    return Statement(text, [(name, _MISSING) for name in numbers])


def as_text(part: ClauseElement | InstrumentedAttribute[Any]) -> str:
    """A part of a statement for `prepare_text`, compiled; its parameters become `$name::type`, its constants stay."""
    element = part.__clause_element__() if isinstance(part, InstrumentedAttribute) else part
    compiled = element.compile(dialect=_dialect())
    assert isinstance(compiled, SQLCompiler)
    constants = {
        name: compiled.render_literal_value(bind.value, bind.type)
        for bind, name in compiled.bind_names.items()
        if not bind.required
    }
    names = compiled.positiontup or ()

    def named(found: re.Match[str]) -> str:
        name = names[int(found[1]) - 1]
        return constants.get(name, f"${name}")

    return _NUMBERED.sub(named, str(compiled))


def _require_columns(statement: ClauseElement, row: type[object]) -> None:
    columns = [column.key for column in getattr(statement, "exported_columns", ())]
    if get_origin(row) is One:
        fits = len(columns) == 1
    else:
        required, optional = vars(row)["__required_keys__"], vars(row)["__optional_keys__"]
        fits = required <= set(columns) <= required | optional
    if not fits:
        raise TypeError(f"{row} does not describe the columns {columns}")


@cache
def _dialect() -> Dialect:
    dialect: Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
    return dialect


def type_name(expression: Expression) -> str:
    """Of an expression's type, as SQL writes it in a cast: the collation stays with the column."""
    name: str = expression.type.compile(dialect=_dialect())
    return name.partition(" COLLATE ")[0]


def rfc3339(column: Expression) -> ColumnElement[str]:
    """An instant as the contract writes it: UTC, microseconds, `Z`."""
    return func.to_char(func.timezone(literal_column("'UTC'"), column), literal_column(f"'{_RFC3339}'"))


class _JsonObject(FunctionElement[Any]):
    """`(SELECT row_to_json(r) FROM (SELECT … AS name, …) AS r)`.

    json_build_object writes a blank before and after each colon: a task is 700 bytes with it and 626 without. This
    costs PostgreSQL 4.6 µs a row of a list instead of 6.3, and a statement for one row 1.5 µs more, once.
    """

    type = JSON()
    inherit_cache = False

    def __init__(self, fields: Mapping[str, Expression]) -> None:
        super().__init__(*fields.values())
        self.names = tuple(fields)


@compiles(_JsonObject)
def _render_json_object(element: _JsonObject, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    options.pop("add_to_result_map", None)  # these columns are the object's, not the statement's
    texts = [compiler.process(column, **options) for column in element.clauses]
    columns = ", ".join(f'{text} AS "{name}"' for text, name in zip(texts, element.names, strict=True))
    return f"(SELECT row_to_json(r) FROM (SELECT {columns}) AS r)"  # noqa: S608 - of names and columns of ours


def as_json(fields: Mapping[str, Expression], *, cast_to_text: bool = True) -> ColumnElement[str]:
    """One row as the JSON of its public representation, fields in the order given; a text unless it is nested."""
    document = _JsonObject({name: _public(column) for name, column in fields.items()})
    return cast(document, Text) if cast_to_text else document


def contains(column: Expression, parameter: str) -> ColumnElement[bool]:
    """Whether a text contains the parameter, whatever its case. No pattern: `%` and `_` mean themselves."""
    return func.strpos(func.lower(column), func.lower(bindparam(parameter, type_=Text))) > 0


def _public(column: Expression) -> Expression:
    return rfc3339(column) if isinstance(column.type, DateTime) else column
