"""Files in SQL for whoever has a link that shows them: whether it does is part of each statement."""

from functools import lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select

from taskapi.core.db.statements import Statement, prepare
from taskapi.models import Attachment, Project, Task
from taskapi.projects.share_links.queries import PROJECT_WITH_FILES
from taskapi.tasks.attachments.queries import ReadableRow
from taskapi.tasks.queries import JOINED, is_named


class SharedTaskRow(TypedDict):
    """A living task of the project that a link shows, and whose files it may show."""

    id: UUID
    project_id: UUID


def _shown(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return statement.join(Project, JOINED).where(Project.id == PROJECT_WITH_FILES, Task.deleted_at.is_(None))


@lru_cache(2)
def task(by: str) -> Statement[SharedTaskRow]:
    return prepare(_shown(select(Task.id, Task.project_id).select_from(Task)).where(is_named(by)), row=SharedTaskRow)


_of = Attachment
ONE: Final = prepare(
    _shown(
        select(_of.object_id, _of.name, _of.size, _of.media_type, _of.sha256)
        .select_from(_of)
        .join(Task, Task.id == _of.task_id)
    ).where(_of.id == bindparam("attachment_id", type_=Uuid)),
    row=ReadableRow,
)
