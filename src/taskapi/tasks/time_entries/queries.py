"""Time entries in SQL. The task has been loaded with the caller before; a timer is found by whose it is."""

from functools import lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
    select,
)

from taskapi.core.access.reach import Reach
from taskapi.core.db.statements import Expression, Statement, prepare
from taskapi.core.errors import AppError
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.records import Record
from taskapi.models import Project, Task, TimeEntry
from taskapi.tasks.time_entries.errors import TimerRunning


class TimerRow(TypedDict):
    """An entry that runs, and where it is."""

    body: str
    version: int
    task_id: UUID
    project_id: UUID
    task_key: str


def _is_running() -> AppError:
    return TimerRunning("Stop it first: POST /users/me/timer/stop")


_SECONDS: Final[ColumnElement[int]] = cast(
    func.floor(extract("epoch", TimeEntry.ended_at - TimeEntry.started_at)), Integer
)
TIME_ENTRY_FIELDS: Final[dict[str, Expression]] = {
    "id": TimeEntry.id,
    "task_id": TimeEntry.task_id,
    "user_id": TimeEntry.user_id,
    "started_at": TimeEntry.started_at,
    "ended_at": TimeEntry.ended_at,
    "seconds": _SECONDS,
    "note": TimeEntry.note,
    "created_at": TimeEntry.created_at,
    "version": TimeEntry.version,
}
TIME_ENTRY: Final = Record(
    "time_entry",
    TimeEntry,
    fields=TIME_ENTRY_FIELDS,
    within="task_id",
    given=("id", "task_id", "user_id", "started_at", "ended_at", "note", "created_at"),
    sorts={"started_at": SortColumn(TimeEntry.started_at), "created_at": SortColumn(TimeEntry.created_at)},
    conflicts={"uq_time_entries_running": _is_running},
)

_running: Select[Any] = (
    select(
        *TIME_ENTRY.shown,
        *(TimeEntry.task_id, Task.project_id),
        (Project.key + literal_column("'-'") + cast(Task.number, Text)).label("task_key"),
    )
    .join(Task, Task.id == TimeEntry.task_id)
    .join(Project, Project.id == Task.project_id)
    .where(TimeEntry.user_id == bindparam("of_user"), TimeEntry.ended_at.is_(None))
)


@lru_cache(4)
def running(reach: Reach, *, lock: bool) -> Statement[TimerRow]:
    """The timer of somebody, wherever it runs: it is theirs where they cannot open its task any more, too.

    By an API token for some projects, where it runs in one of these.
    """
    statement = _running
    if reach is Reach.TOKEN:
        statement = statement.where(Task.project_id == any_(bindparam("project_ids", type_=ARRAY(Uuid))))
    return prepare(statement.with_for_update(key_share=True, of=TimeEntry) if lock else statement, row=TimerRow)


RUNNING_IN_PROJECT: Final = prepare(
    _running.where(Task.project_id == bindparam("of_project")).with_for_update(key_share=True, of=TimeEntry),
    row=TimerRow,
)
