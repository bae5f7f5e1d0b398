"""The tables along which a list of tasks is read: `tasks` itself, or a narrow table beside it that has the order asked.

An index of `tasks` is written by every change of any indexed column, so `tasks` has few. What lists are opened by
often stands in narrow tables: when a task was last changed, and its place on the board.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from taskapi.core.lists.sorting import Sort
from taskapi.tasks.filters.ast import And, Clause, Filter, Operator
from taskapi.tasks.filters.fields import FIELDS, Field, any_of


@dataclass(frozen=True, slots=True)
class AccessPath:
    tables: str
    """What the tasks of a project are read FROM."""
    id: str
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Sort keys that are read from another table than `tasks`."""
    fields: Mapping[str, Field] = field(default_factory=lambda: FIELDS, hash=False)
    """What filters compare: PostgreSQL would take the same status of two tables for two conditions, and expect few."""


def _beside(table: str) -> str:
    return f"{table} JOIN tasks ON tasks.project_id = {table}.project_id AND tasks.id = {table}.task_id"


DIRECT: Final = AccessPath("tasks", "tasks.id")
BY_RECENCY: Final = AccessPath(
    _beside("task_recency"), "task_recency.task_id", {"updated_at": "task_recency.updated_at"}
)
ON_BOARD: Final = AccessPath(
    _beside("task_places"),
    "task_places.task_id",
    {"rank": "task_places.rank", "created_at": "task_places.created_at"},
    {**FIELDS, "status": Field(str, {Operator.ANY_OF: any_of("task_places.status", "text")})},
)


def access_path(tree: Filter, sort: Sort) -> AccessPath:
    """The one whose index begins with what is filtered by, and goes on in the order of the list."""
    first = sort[0].name
    if first == "updated_at":
        return BY_RECENCY
    return ON_BOARD if first in ON_BOARD.columns and _is_one_status(tree) else DIRECT


def _is_one_status(tree: Filter) -> bool:
    parts = tree.parts if isinstance(tree, And) else (tree,)
    return any(isinstance(part, Clause) and part.field == "status" and len(part.values) == 1 for part in parts)
