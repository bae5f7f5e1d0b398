"""The next occurrence of a task in SQL: a copy of its row, whatever columns a task has, with a number of its own."""

from typing import Final

from sqlalchemy import Text, bindparam, cast, func, insert, literal_column, select, update

from taskapi.core.db.statements import as_json, prepare
from taskapi.models import ProjectCounter, Task
from taskapi.tasks import ranking
from taskapi.tasks.queries import WrittenRow, task_fields

# What the next one does not take over: its place, its state and its dates are its own.
_NUMBERED: Final = ("number", "rank")
_GIVEN: Final = (
    *("id", "status", "status_category", "start_on", "due_on", "due_at", "recurrence", "created_at", "updated_at"),
)
_LEFT: Final = ("completed_at", "deleted_at", "version", "title_order")
_COPIED: Final = [
    column
    for column in Task.__table__.c
    if column.computed is None and column.name not in {*_NUMBERED, *_GIVEN, *_LEFT}
]

_last = Task.__table__.alias("last")
_numbered = (
    update(ProjectCounter)
    .where(ProjectCounter.project_id == bindparam("of_project"))
    .values(last_number=ProjectCounter.last_number + 1)
    .returning(ProjectCounter.last_number)
    .cte("numbered")
)
_number = _numbered.c.last_number
REPEAT: Final = prepare(
    insert(Task)
    .from_select(
        [*(column.name for column in _COPIED), *_GIVEN, *_NUMBERED],
        select(
            *(_last.c[column.name] for column in _COPIED),
            *(bindparam(name, type_=Task.__table__.c[name].type) for name in _GIVEN),
            _number,
            func.lpad(cast(_number, Text), literal_column(str(ranking.WIDTH)), literal_column("'0'")),
        )
        .select_from(_last)
        .join(_numbered, literal_column("true"))
        .where(_last.c.id == bindparam("of_task")),
    )
    .returning(as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body"), Task.version),
    row=WrittenRow,
)
