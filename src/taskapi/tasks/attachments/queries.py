"""Attachments in SQL. The caller's membership is part of the statement that finds one by its id."""

from functools import lru_cache
from typing import Any, Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Select, Uuid, any_, bindparam, cast, func, literal_column, select

from taskapi.core.access.reach import Reach, join_members, project_columns
from taskapi.core.db.statements import Expression, One, Statement, prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Attachment, Project, Task
from taskapi.tasks.queries import JOINED


class ReadableRow(TypedDict):
    """Where the bytes of an attachment are, and what is told with them."""

    object_id: UUID
    name: str
    size: int
    media_type: str
    sha256: str


class StoredRow(ReadableRow):
    """An attachment; and the project, where an administrator looks into one of others."""

    body: str
    version: int
    task_id: UUID
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class CopiedRow(Versioned):
    object_id: UUID


class RoomRow(TypedDict):
    """How much is taken of what may be."""

    files_of_task: int
    of_task: int
    of_project: int
    of_user: int


ATTACHMENT_FIELDS: Final[dict[str, Expression]] = {
    "id": Attachment.id,
    "task_id": Attachment.task_id,
    "name": Attachment.name,
    "size": Attachment.size,
    "media_type": Attachment.media_type,
    "sha256": Attachment.sha256,
    "created_by": Attachment.created_by,
    "created_at": Attachment.created_at,
    "version": Attachment.version,
}
ATTACHMENT: Final = Record(
    "attachment",
    Attachment,
    fields=ATTACHMENT_FIELDS,
    within="task_id",
    given=("id", "task_id", "object_id", "name", "size", "media_type", "sha256", "created_by", "created_at"),
    sorts={"created_at": SortColumn(Attachment.created_at), "name": SortColumn(Attachment.name)},
)


@lru_cache(8)
def visible(reach: Reach) -> Statement[StoredRow]:
    """One on a living task, for whom it reaches."""
    of = Attachment
    statement = (
        select(
            *ATTACHMENT.shown,
            *(of.task_id, of.object_id, of.name, of.size, of.media_type, of.sha256),
            *project_columns(reach),
        )
        .select_from(of)
        .join(Task, Task.id == of.task_id)
        .join(Project, JOINED)
    )
    living = join_members(statement, reach).where(
        of.id == bindparam("attachment_id", type_=Uuid), Task.deleted_at.is_(None)
    )
    return prepare(living, row=StoredRow)


# Copies share what is stored: none of these goes, while they are read and until the copies are there.
OF_TASKS: Final = prepare(
    select(*ATTACHMENT.shown, Attachment.object_id)
    .where(Attachment.task_id == any_(bindparam("of_tasks", type_=ARRAY(Uuid))))
    .order_by(Attachment.task_id, Attachment.created_at, Attachment.id)
    .with_for_update(read=True, key_share=True),
    row=CopiedRow,
)
# One at a time adds files, so that nobody is let in by a sum that somebody else is adding to. Nothing but the rows and
# their facts is written after it.
QUEUE: Final = prepare(select(func.pg_advisory_xact_lock(literal_column("7233905"), literal_column("40"))))


def _sum(*conditions: Any) -> Select[Any]:  # noqa: ANN401 - conditions of SQLAlchemy
    return select(cast(func.coalesce(func.sum(Attachment.size), 0), BigInteger)).where(*conditions)


_of_task = Attachment.task_id == bindparam("task_id", type_=Uuid)
ROOM: Final = prepare(
    select(
        select(func.count()).select_from(Attachment).where(_of_task).scalar_subquery().label("files_of_task"),
        _sum(_of_task).scalar_subquery().label("of_task"),
        _sum(Attachment.project_id == bindparam("project_id", type_=Uuid)).scalar_subquery().label("of_project"),
        _sum(Attachment.created_by == bindparam("user_id", type_=Uuid)).scalar_subquery().label("of_user"),
    ),
    row=RoomRow,
)
REFERRED_TO: Final = prepare(
    select(Attachment.object_id).where(Attachment.object_id == any_(bindparam("object_ids", type_=ARRAY(Uuid)))),
    row=One[UUID],
)
