"""The shapes of lists of tasks: what decides the text of a list's statement. All else is a parameter of it."""

from dataclasses import dataclass
from typing import Final

from taskapi.core.lists import sorting
from taskapi.core.lists.sorting import Key, Keyset, SortColumn
from taskapi.tasks.lists.access_paths import AccessPath
from taskapi.tasks.schemas import Expand, TaskConditions, TaskFilter


@dataclass(frozen=True, slots=True)
class Shape:
    path: AccessPath
    condition: str
    """A compiled filter's SQL."""
    sort: str
    rows: int
    """How many are read; one of few, see `PageParams.rows`."""
    continues: bool
    paged: bool
    expand: frozenset[Expand]


def shape_of(params: TaskConditions, path: AccessPath, condition: str, sort: str) -> Shape:
    return Shape(
        path,
        condition,
        sort=sort,
        rows=params.rows,
        continues=params.continues,
        paged=params.page is not None,
        expand=frozenset(params.expand) if isinstance(params, TaskFilter) else frozenset(),
    )


# Names in TaskConditions.sort, and the columns they compare, with their types.
_COLUMNS: Final = {
    "rank": (("rank", "TEXT"),),
    "number": (("number", "INTEGER"),),
    "title": (("title_order", "TEXT"),),
    "priority": (("priority", "task_priority"),),
    "due": (("due_first", "TIMESTAMP WITH TIME ZONE"), ("due_last", "TIMESTAMP WITH TIME ZONE")),
    "created_at": (("created_at", "TIMESTAMP WITH TIME ZONE"),),
    "updated_at": (("updated_at", "TIMESTAMP WITH TIME ZONE"),),
}


def keyset(sort: str, table: str, path: AccessPath | None = None) -> Keyset:
    """The order of a list, over the columns of `table`, which is a part of `tasks`; or as a path has them."""
    read_elsewhere = path.columns if path is not None else {}
    columns = {
        name: SortColumn(*(Key(read_elsewhere.get(name, f"{table}.{column}"), sql_type) for column, sql_type in ways))
        for name, ways in _COLUMNS.items()
    }
    return Keyset.of(sorting.parse(sort), columns, Key(path.id if path is not None else f"{table}.id", "UUID"))
