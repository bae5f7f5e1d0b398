"""Reminders in SQL: always of one person. The task has been loaded with the caller before."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, cast, delete, insert, literal_column, select, update

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Member, Project, Reminder, Task


class LeftRow(TypedDict):
    """A reminder that goes with its person's membership, and the key of its task."""

    body: str
    task_key: str


class RelativeRow(TypedDict):
    user_id: UUID
    minutes_before: int | None


REMINDER_FIELDS: Final[dict[str, Expression]] = {
    "id": Reminder.id,
    "task_id": Reminder.task_id,
    "user_id": Reminder.user_id,
    "at": Reminder.at,
    "minutes_before": Reminder.minutes_before,
    "remind_at": Reminder.remind_at,
    "created_at": Reminder.created_at,
    "version": Reminder.version,
}
_BODY: Final = as_json(REMINDER_FIELDS).label("body")
_theirs = and_(Reminder.task_id == bindparam("of_task"), Reminder.user_id == bindparam("of_user"))
_this = and_(_theirs, Reminder.id == bindparam("of_id"))

CREATE: Final = prepare(
    insert(Reminder).returning(_BODY, Reminder.version),
    *("id", "task_id", "user_id", "at", "minutes_before", "created_at"),
    row=Versioned,
)
FIND: Final = prepare(select(_BODY, Reminder.version).where(_this), row=Versioned)
LOCK: Final = prepare(select(_BODY, Reminder.version).where(_this).with_for_update(), row=Versioned)
REMOVE: Final = prepare(delete(Reminder).where(_this))
COUNT: Final = count_statement(select(Reminder.id).where(_theirs))
_as_made = Keyset.of(
    (Term("created_at", descending=False),), {"created_at": SortColumn(Reminder.created_at)}, Reminder.id
)


@lru_cache(64)
def page(rows: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_BODY).where(_theirs), _as_made, rows, continues=continues)


REMOVE_OF_MEMBER: Final = prepare(
    delete(Reminder)
    .where(
        Reminder.user_id == bindparam("of_user"),
        Reminder.task_id == Task.id,
        Task.project_id == bindparam("of_project"),
        Project.id == Task.project_id,
    )
    .returning(_BODY, (Project.key + literal_column("'-'") + cast(Task.number, Text)).label("task_key")),
    row=LeftRow,
)
# Of those who are still there to be reminded.
BEFORE_DUE: Final = prepare(
    select(Reminder.user_id, Reminder.minutes_before)
    .join(Member, and_(Member.user_id == Reminder.user_id, Member.project_id == bindparam("of_project")))
    .where(Reminder.task_id == bindparam("of_task"), Reminder.minutes_before.is_not(None))
    .order_by(Reminder.id),
    row=RelativeRow,
)
# Of those who can see the other task.
MOVE: Final = prepare(
    update(Reminder)
    .where(
        Reminder.task_id == bindparam("of_task"),
        Member.user_id == Reminder.user_id,
        Member.project_id == bindparam("to_project"),
    )
    .values(task_id=bindparam("to_task"), version=Reminder.version + 1)
    .returning(Reminder.id),
    row=One[UUID],
)
