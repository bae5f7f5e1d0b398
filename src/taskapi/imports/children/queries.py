"""What hangs on tasks already, in SQL: an import adds what is not there, and takes nothing away."""

from typing import Final, TypedDict, cast
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, any_, bindparam, func, select

from taskapi.core.db.statements import One, prepare
from taskapi.models import ChecklistItem, Comment, TimeEntry

COMMENTS: Final = cast("Table", Comment.__table__)
ITEMS: Final = cast("Table", ChecklistItem.__table__)
TIMES: Final = cast("Table", TimeEntry.__table__)


class ItemRow(TypedDict):
    task_id: UUID
    text: str


_ids = bindparam("ids", type_=ARRAY(Uuid))
COMMENTS_AMONG: Final = prepare(select(Comment.id).where(Comment.id == any_(_ids)), row=One[UUID])
TIMES_AMONG: Final = prepare(select(TimeEntry.id).where(TimeEntry.id == any_(_ids)), row=One[UUID])
ITEMS_OF: Final = prepare(
    select(ChecklistItem.task_id, func.lower(ChecklistItem.text).label("text")).where(
        ChecklistItem.task_id == any_(_ids)
    ),
    row=ItemRow,
)
