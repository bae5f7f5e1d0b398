"""The shapes of lists of tasks: what decides the text of a list's statement. All else is a parameter of it."""

from dataclasses import dataclass
from typing import Final

from taskapi.core.lists import sorting
from taskapi.core.lists.sorting import Key, Keyset, SortColumn
from taskapi.models import FieldType
from taskapi.tasks.filters import custom_fields
from taskapi.tasks.filters.schemas import TaskConditions, TaskFilter
from taskapi.tasks.lists.access_paths import AccessPath
from taskapi.tasks.schemas import Expand


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
    sort_types: tuple[FieldType | None, ...] = ()
    """By the terms of the sort: the type of the custom field that it names. Its key is a parameter."""


def shape_of(
    params: TaskConditions,
    path: AccessPath,
    condition: str,
    sort: str,
    sort_types: tuple[FieldType | None, ...] = (),
) -> Shape:
    return Shape(
        path,
        condition,
        sort=_without_keys(sort, sort_types),
        rows=params.rows,
        continues=params.continues,
        paged=params.page is not None,
        expand=frozenset(params.expand) if isinstance(params, TaskFilter) else frozenset(),
        sort_types=sort_types,
    )


def _without_keys(sort: str, sort_types: tuple[FieldType | None, ...]) -> str:
    """Lists that differ in nothing but which custom field they are sorted by have one statement."""
    if not sort_types:
        return sort
    terms = zip(sort.split(","), sort_types, strict=True)
    return ",".join(
        term if of_type is None else f"{'-' * term.startswith('-')}{place}"
        for place, (term, of_type) in enumerate(terms)
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


def keyset(
    sort: str, table: str, path: AccessPath | None = None, sort_types: tuple[FieldType | None, ...] = ()
) -> Keyset:
    """The order of a list, over the columns of `table`, which is a part of `tasks`; or as a path has them."""
    read_elsewhere = path.columns if path is not None else {}
    columns = {
        name: SortColumn(*(Key(read_elsewhere.get(name, f"{table}.{column}"), sql_type) for column, sql_type in ways))
        for name, ways in _COLUMNS.items()
    }
    for place, of_type in enumerate(sort_types):
        if of_type is not None:
            columns[str(place)] = custom_fields.sort_column(of_type, place, table)
    return Keyset.of(sorting.parse(sort), columns, Key(path.id if path is not None else f"{table}.id", "UUID"))
