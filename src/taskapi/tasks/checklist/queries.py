"""Checklist items in SQL, beside what their record has. The task has been loaded with the caller before."""

from typing import Final

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from taskapi.core.db.statements import prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import ChecklistItem

ITEM: Final = Record(
    "checklist_item",
    ChecklistItem,
    fields={
        "id": ChecklistItem.id,
        "task_id": ChecklistItem.task_id,
        "text": ChecklistItem.text,
        "done": ChecklistItem.done,
        "position": ChecklistItem.position,
        "created_at": ChecklistItem.created_at,
        "version": ChecklistItem.version,
    },
    within="task_id",
    given=("id", "task_id", "text", "done", "position", "created_at"),
    sorts={"position": SortColumn(ChecklistItem.position)},
)
IN_ORDER: Final = prepare(
    select(*ITEM.shown).where(ITEM.here).order_by(ChecklistItem.position, ChecklistItem.id), row=Versioned
)
OF_TASKS: Final = prepare(
    select(*ITEM.shown)
    .where(ChecklistItem.task_id == any_(bindparam("of_tasks", type_=ARRAY(Uuid))))
    .order_by(ChecklistItem.task_id, ChecklistItem.position),
    row=Versioned,
)
