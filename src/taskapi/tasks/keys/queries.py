"""Former keys in SQL. The caller's membership in the task's project of today is part of the statement."""

from functools import lru_cache
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, literal_column, select

from taskapi.core.access.reach import Reach, join_members, project_columns
from taskapi.core.db.statements import Statement, prepare
from taskapi.models import FormerKey, Project, Task
from taskapi.tasks.queries import JOINED


class KeyRow(TypedDict):
    """The key that a task has now."""

    now: str
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


_was: Final = Project.__table__.alias("was")


@lru_cache(4)
def today(reach: Reach) -> Statement[KeyRow]:
    now = (Project.key + literal_column("'-'") + cast(Task.number, Text)).label("now")
    statement = (
        select(now, *project_columns(reach))
        .select_from(FormerKey)
        .join(_was, _was.c.id == FormerKey.project_id)
        .join(Task, Task.id == FormerKey.task_id)
        .join(Project, JOINED)
    )
    found = join_members(statement, reach).where(
        _was.c.key == bindparam("key"), FormerKey.number == bindparam("number"), Task.deleted_at.is_(None)
    )
    return prepare(found, row=KeyRow)
