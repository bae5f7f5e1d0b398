"""The shapes of lists of tasks: what decides the text of a list's statement. All else is a parameter of it."""

from dataclasses import dataclass
from typing import Final

from taskapi.core.lists import sorting
from taskapi.core.lists.sorting import Key, Keyset, SortColumn
from taskapi.tasks.schemas import Expand, TaskConditions, TaskFilter


@dataclass(frozen=True, slots=True)
class Shape:
    condition: str
    """A compiled filter's SQL."""
    sort: str
    rows: int
    """How many are read; one of few, see `PageParams.rows`."""
    continues: bool
    paged: bool
    expand: frozenset[Expand]


def shape_of(params: TaskConditions, condition: str, default_sort: str) -> Shape:
    return Shape(
        condition,
        sort=params.sort or default_sort,
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


def keyset(sort: str, table: str) -> Keyset:
    """The order of a list, over the columns of `table`, which is `tasks` or a part of it."""
    columns = {
        name: SortColumn(*(Key(f"{table}.{column}", sql_type) for column, sql_type in ways))
        for name, ways in _COLUMNS.items()
    }
    return Keyset.of(sorting.parse(sort), columns, Key(f"{table}.id", "UUID"))
