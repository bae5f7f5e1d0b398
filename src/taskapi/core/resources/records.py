"""A resource as a value: its table, its public fields and its order; from these, the statements that each one has.

What differs from one to the next stays written by hand beside it: rules, visibility, locks that others wait on.
Nothing here awaits. What a record does not know, or needs and is not given, is an error of the import.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, column, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.errors import AppError
from taskapi.core.lists import sorting
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.models import Base

STEP: Final = 500
"""So many are moved at once; between two steps other requests have their turn."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a resource is in: the row that its `within` refers to, and how facts about it say where it is."""

    id: UUID
    project_id: UUID | None
    key: str | None


class Record:
    """`name` is the subject of its facts: `label` makes `label.created`, `label.updated` and `label.deleted`.

    `within` is the column that says what it is in, and `given` are the columns that an INSERT sets, this one among
    them. `sorts` are the names it is sorted by, with what each compares. `conflicts` has the failure behind each
    unique constraint; that of the primary key is `IdTaken` for all. `beside` is what is shown besides its own fields
    and counted from other rows: no fact tells it, and it changes without a new version.
    """

    def __init__(
        self,
        name: str,
        model: type[Base],
        *,
        fields: Mapping[str, Expression],
        within: str,
        given: Iterable[str],
        sorts: Mapping[str, SortColumn],
        conflicts: Mapping[str, Callable[[], AppError]] | None = None,
        beside: Mapping[str, Expression] | None = None,
    ) -> None:
        assert isinstance(model.__table__, Table)
        self.name: Final = name
        self.table: Final = model.__table__
        self.within: Final = within
        self.given: Final = tuple(given)
        self.sorts: Final = sorts
        self.conflicts: Final = conflicts or {}
        self.beside: Final = frozenset(beside or {})
        self._require_that_the_table_agrees()
        table = self.table
        # For statements that are written beside these: what they show, of one place.
        self.body: Final = as_json({**fields, **(beside or {})}).label("body")
        self.shown: Final = (self.body, table.c.version)
        self.here: Final = table.c[within] == bindparam("of_place")
        self._this: Final = and_(table.c.id == bindparam("of_id"), self.here)
        one = select(*self.shown).where(self._this)
        self.create: Final = prepare(insert(table).returning(*self.shown), *self.given, row=Versioned)
        self.find: Final = prepare(one, row=Versioned)
        self.lock: Final = prepare(one.with_for_update(key_share=True), row=Versioned)
        # Who refers to it holds its row in share: nobody does from here on, and who did is seen.
        self.close: Final = prepare(one.with_for_update(), row=Versioned)
        self.remove: Final = prepare(delete(table).where(self._this).returning(*self.shown), row=Versioned)
        self.count: Final = count_statement(select(table.c.id).where(self.here))
        # One statement for each shape that comes, compiled when it first does.
        self.page: Final = lru_cache(64)(self._page)
        self.change: Final = lru_cache(64)(self._change)
        self.change_all: Final = lru_cache(64)(self._change_all)
        self.create_all: Final = self._create_all()
        self.move_step: Final = lru_cache(1)(self._move_step)

    def _require_that_the_table_agrees(self) -> None:
        columns, given = self.table.c, {self.within, *self.given}
        self.require_columns(given | {"id", "version"})
        if unset := {c.name for c in columns if not (c.nullable or c.server_default is not None or c.name in given)}:
            raise TypeError(f"{self.name}: nothing gives {sorted(unset)} a value")
        unique = {c.name for c in self.table.constraints} | {index.name for index in self.table.indexes}
        if unknown := set(self.conflicts) - unique:
            raise TypeError(f"{self.name}: the table has no constraints {sorted(unknown)}")

    def require_columns(self, names: Iterable[str]) -> None:
        if unknown := set(names) - set(self.table.c.keys()):
            raise TypeError(f"{self.name}: the table has no columns {sorted(unknown)}")

    def _page(self, sort: str, limit: int, *, continues: bool) -> Statement[PageRow]:
        keyset = Keyset.of(sorting.parse(sort), self.sorts, self.table.c.id)
        return page_statement(select(self.body).where(self.here), keyset, limit, continues=continues)

    def _change(self, columns: frozenset[str]) -> Statement[Versioned]:
        """Sets these columns of one."""
        self.require_columns(columns)
        statement = update(self.table).where(self._this).values(version=self.table.c.version + 1)
        return prepare(statement.returning(*self.shown), *sorted(columns), row=Versioned)

    def _change_all(self, columns: frozenset[str]) -> Statement[Versioned]:
        """Sets these columns of many at once, of each to its own values: `rows` is a JSON list of them with ids."""
        self.require_columns(columns)
        new = self._rows({"id", *columns})
        values = {name: new.c[name] for name in columns} | {"version": self.table.c.version + 1}
        statement = update(self.table).where(self.table.c.id == new.c.id, self.here).values(values)
        return prepare(statement.returning(*self.shown), row=Versioned)

    def _create_all(self) -> Statement[Versioned]:
        """`rows` is a JSON list of what `create` takes."""
        new = self._rows(self.given)
        statement = insert(self.table).from_select(self.given, select(*(new.c[name] for name in self.given)))
        return prepare(statement.returning(*self.shown), row=Versioned)

    def _move_step(self) -> Statement[One[UUID]]:
        """Some of those that are in one place go to another."""
        table = self.table
        here = select(table.c.id).where(self.here).order_by(table.c.id).limit(literal_column(str(STEP)))
        moving = here.with_for_update(key_share=True).cte("moving")
        values = {self.within: bindparam("to_place"), "version": table.c.version + 1}
        return prepare(
            update(table).where(table.c.id == moving.c.id).values(values).returning(table.c.id), row=One[UUID]
        )

    def _rows(self, names: Iterable[str]) -> TableValuedAlias:
        columns = (column(name, self.table.c[name].type) for name in sorted(names))
        rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(*columns)
        return rows.render_derived(name="given", with_types=True)
