"""The tables along which a list of tasks is read: `tasks` itself, or a narrow table beside it that has the order asked.

An index of `tasks` is written by every change of any indexed column, so `tasks` has few. What lists are opened by
often stands in narrow tables: when a task was last changed, and its place on the board.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from taskapi.core.lists import sorting
from taskapi.core.lists.sorting import Sort
from taskapi.tasks.filters.ast import And, Clause, Filter, Operator
from taskapi.tasks.filters.fields import FIELDS, Field, any_of, compares, is_in_projects
from taskapi.tasks.filters.standpoint import OPEN


@dataclass(frozen=True, slots=True)
class AccessPath:
    tables: str
    """What the tasks of a project are read FROM."""
    project: str
    """The column that says which project."""
    id: str
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Sort keys that are read from another table than `tasks`."""
    fields: Mapping[str, Field] = field(default_factory=lambda: FIELDS, hash=False)
    """What filters compare: here, too, one condition and not two."""
    leads: bool = False
    """Whether the tables are in the order asked over all projects, so that the list is read along them, and the
    projects are looked up."""


def _beside(table: str, columns: Iterable[str], fields: Mapping[str, Field] = FIELDS) -> AccessPath:
    """Joined by the task's id alone, with the condition on the project on the narrow table.

    PostgreSQL takes the project of both tables for two conditions, expects a fraction of the rows, and
    reads the whole project into a hash instead of a page from the index.
    """
    return AccessPath(
        tables=f"{table} JOIN tasks ON tasks.id = {table}.task_id",
        project=f"{table}.project_id",
        id=f"{table}.task_id",
        columns={column: f"{table}.{column}" for column in columns},
        fields={
            **fields,
            "project": Field(UUID, {Operator.ANY_OF: any_of(f"{table}.project_id", "uuid")}),
            "project_key": Field(str, is_in_projects(f"{table}.project_id")),
        },
    )


DIRECT: Final = AccessPath("tasks", "tasks.project_id", "tasks.id")
BY_RECENCY: Final = _beside(
    "task_recency",
    ["updated_at"],
    {**FIELDS, "updated": Field(datetime, {Operator.SINCE: compares("task_recency.updated_at >= $?::timestamptz")})},
)
ON_BOARD: Final = _beside(
    "task_places",
    ["rank", "created_at"],
    {**FIELDS, "status": Field(str, {Operator.ANY_OF: any_of("task_places.status", "text")})},
)


BY_ASSIGNEE: Final = _beside("task_assignees", [])
BY_LABEL: Final = _beside("task_labels", [])


_AGENDA_OF: Final = "agenda_of"
AGENDA: Final = AccessPath(
    tables="task_agenda JOIN tasks ON tasks.id = task_agenda.task_id",
    project="tasks.project_id",
    id="task_agenda.task_id",
    columns={"due": "task_agenda.due_first"},
    fields={**FIELDS, _AGENDA_OF: Field(UUID, {Operator.ANY_OF: any_of("task_agenda.user_id", "uuid")})},
    leads=True,
)


def agenda(tree: Filter, sort: Sort, me: UUID | None) -> Filter | None:
    """The filter as `AGENDA` reads it, where it asks for open tasks of the caller, the first due first.

    Of others the agenda may be full of projects that the caller is not in.
    """
    if (sort[0].name, sort[0].descending) != ("due", False):
        return None
    parts = tuple(_musts(tree))
    mine = Clause("assignee", Operator.ANY_OF, (me,))
    if mine not in parts or OPEN not in parts:
        return None
    led = Clause(_AGENDA_OF, Operator.ANY_OF, (me,))
    return And((led, *(part for part in parts if part not in (mine, OPEN))))


def _musts(tree: Filter) -> Iterator[Filter]:
    if isinstance(tree, And):
        for part in tree.parts:
            yield from _musts(part)
    else:
        yield tree


def is_on_board(sort: str) -> bool:
    """Whether the tasks of one status are at hand in this order."""
    return sorting.parse(sort)[0].name in ON_BOARD.columns


def access_path(tree: Filter, sort: Sort) -> AccessPath:
    """The one whose index begins with what is filtered by, and goes on in the order of the list."""
    first = sort[0].name
    if first == "updated_at":
        return BY_RECENCY
    return ON_BOARD if first in ON_BOARD.columns and _is_one_status(tree) else DIRECT


def _is_one_status(tree: Filter) -> bool:
    parts = tree.parts if isinstance(tree, And) else (tree,)
    return any(isinstance(part, Clause) and part.field == "status" and len(part.values) == 1 for part in parts)
