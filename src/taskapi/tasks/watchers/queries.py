"""Watchers in SQL: derived from the task and its comments when they are asked for, so that writing these costs nothing.

What is stored is what people chose, and only that.
"""

from functools import lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from taskapi.core.access.reach import Reach
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, list_text, page_of
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Comment, Member, Task, TaskWatcher, User
from taskapi.tasks.queries import of_living_task
from taskapi.tasks.watchers.schemas import Reason

STEP: Final = 500


class ChoiceRow(TypedDict):
    id: UUID
    task_id: UUID
    user_id: UUID
    watching: bool


class EndedRow(ChoiceRow):
    number: int


def watchers_of(tasks: CTE) -> Subquery:
    """Who watches which of the tasks, and why; `tasks` has their id, project_id, created_by, assignee_ids and mentions.

    Of each its creator, its assignees, who comments on it and whom comments or its description mention, unless they
    chose not to, and who chose to; members of its project alone.
    """

    def because(reason: Reason, user_id: Expression, *, of: Any = None) -> Select[Any]:  # noqa: ANN401
        part = select(tasks.c.id, tasks.c.project_id, user_id.label("user_id"), _word(reason).label("reason"))
        return part if of is None else part.join(of, of.task_id == tasks.c.id)

    chosen = because(Reason.CHOSEN, TaskWatcher.user_id, of=TaskWatcher).where(TaskWatcher.watching)
    # Each person once before anything is joined, however often they comment.
    parts = union(
        because(Reason.CREATOR, tasks.c.created_by),
        because(Reason.ASSIGNEE, _each(tasks.c.assignee_ids)),
        because(Reason.COMMENTER, Comment.created_by, of=Comment),
        because(Reason.MENTIONED, _each(Comment.mentions), of=Comment),
        because(Reason.MENTIONED, _each(tasks.c.mentions)),
        chosen,
    ).subquery("parts")
    unwatched = exists().where(
        TaskWatcher.task_id == parts.c.id, TaskWatcher.user_id == parts.c.user_id, TaskWatcher.watching.is_(False)
    )
    reasons = func.array_agg(aggregate_order_by(parts.c.reason.distinct(), parts.c.reason), type_=ARRAY(Text))
    return (
        select(parts.c.id.label("task_id"), parts.c.user_id, reasons.label("reasons"))
        .join(Member, (Member.project_id == parts.c.project_id) & (Member.user_id == parts.c.user_id))
        .where(~unwatched)
        .group_by(parts.c.id, parts.c.user_id)
        .subquery("watchers")
    )


def _word(reason: Reason) -> Expression:
    return literal_column(f"'{reason}'", Text)


def _each(ids: Expression) -> Expression:
    return type_coerce(func.unnest(ids), Uuid)


NEEDED: Final = (Task.id, Task.project_id, Task.created_by, Task.assignee_ids, Task.mentions)


def _of_task(by: str, reach: Reach) -> Subquery:
    return watchers_of(of_living_task(select(*NEEDED), by, reach).cte("task"))


_BY_NAME: Final = Keyset.of((Term("name"),), {"name": SortColumn(User.username_order)}, User.id)
_PERSON: Final = {"id": User.id, "username": User.username, "full_name": User.full_name}


@lru_cache(8)
def _listed(by: str, reach: Reach) -> str:
    watchers = _of_task(by, reach)
    body = as_json({"user": as_json(_PERSON, cast_to_text=False), "reasons": watchers.c.reasons})
    return list_text(select(body.label("body")).select_from(watchers).join(User, User.id == watchers.c.user_id))


@lru_cache(64)
def page(by: str, reach: Reach, rows: int, *, continues: bool) -> Statement[PageRow]:
    return page_of(_listed(by, reach), _BY_NAME, rows, continues=continues)


@lru_cache(8)
def count(by: str, reach: Reach) -> Statement[One[int]]:
    return count_statement(select(_of_task(by, reach).c.user_id))


class WatcherRow(TypedDict):
    task_id: UUID
    user_id: UUID


_of_tasks = bindparam("of_tasks", type_=ARRAY(Uuid))
_watchers = watchers_of(select(*NEEDED).where(Task.id == any_(_of_tasks)).cte("these"))
WATCHERS: Final = prepare(select(_watchers.c.task_id, _watchers.c.user_id), row=WatcherRow)

_choice: Final = (TaskWatcher.id, TaskWatcher.task_id, TaskWatcher.user_id, TaskWatcher.watching)
CHOICE: Final = prepare(
    select(*_choice).where(TaskWatcher.task_id == bindparam("of_task"), TaskWatcher.user_id == bindparam("of_user")),
    row=ChoiceRow,
)
CHOOSE: Final = prepare(insert(TaskWatcher).returning(*_choice), row=ChoiceRow)
CHOOSE_AGAIN: Final = prepare(
    update(TaskWatcher).where(TaskWatcher.id == bindparam("of_choice")).returning(*_choice),
    "watching",
    row=ChoiceRow,
)
CHOICES: Final = prepare(
    select(*_choice).where(TaskWatcher.task_id == any_(_of_tasks)).order_by(TaskWatcher.id), row=ChoiceRow
)
_chosen_rows = func.unnest(
    *(bindparam("ids", type_=ARRAY(Uuid)), bindparam("user_ids", type_=ARRAY(Uuid))),
    bindparam("watching", type_=ARRAY(Boolean)),
).table_valued(column("id", Uuid), column("user_id", Uuid), column("watching", Boolean))
_chosen = _chosen_rows.render_derived(name="chosen")
CHOOSE_ALL: Final = prepare(
    insert(TaskWatcher)
    .from_select(
        ["id", "task_id", "user_id", "watching"],
        select(_chosen.c.id, bindparam("of_task", type_=Uuid), _chosen.c.user_id, _chosen.c.watching),
    )
    .returning(*_choice),
    row=ChoiceRow,
)
END_ALL: Final = prepare(
    delete(TaskWatcher)
    .where(
        TaskWatcher.task_id == bindparam("of_task"),
        TaskWatcher.user_id == any_(bindparam("user_ids", type_=ARRAY(Uuid))),
        TaskWatcher.watching,
    )
    .returning(*_choice),
    row=ChoiceRow,
)
_theirs = (
    select(TaskWatcher.id)
    .join(Task, Task.id == TaskWatcher.task_id)
    .where(Task.project_id == bindparam("of_project"), TaskWatcher.user_id == bindparam("of_user"))
    .order_by(TaskWatcher.id)
    .limit(literal_column(str(STEP), Integer))
    .with_for_update(of=TaskWatcher)
)
END: Final = prepare(
    delete(TaskWatcher)
    .where(TaskWatcher.id.in_(_theirs))
    .returning(*_choice, select(Task.number).where(Task.id == TaskWatcher.task_id).scalar_subquery().label("number")),
    row=EndedRow,
)
