"""Comments in SQL. The caller's membership is part of every statement that reads them for somebody."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from taskapi.core.access.reach import Reach, project_columns
from taskapi.core.db.statements import Expression, One, Statement, as_json, as_text, prepare
from taskapi.core.lists import sorting
from taskapi.core.lists.paging import PageRow, count_statement, list_text, page_of
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Comment, CommentReaction, Event, Task
from taskapi.tasks.queries import of_living_task

_SHOWN_PEOPLE: Final = 50


class VisibleRow(Versioned):
    """With the project, where an administrator looks into one that is not theirs."""

    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


class LockedRow(Versioned):
    """A locked comment as the change log knows it, and beside it what its reader sees of the reactions."""

    created_by: UUID
    reactions: str


class ReactionRow(TypedDict):
    id: UUID
    comment_id: UUID
    emoji: str
    user_id: UUID
    created_at: datetime


COMMENT_FIELDS: Final[dict[str, Expression]] = {
    "id": Comment.id,
    "task_id": Comment.task_id,
    "body": Comment.body,
    "mentions": Comment.mentions,
    "created_by": Comment.created_by,
    "created_at": Comment.created_at,
    "edited_at": Comment.edited_at,
    "version": Comment.version,
}
_SORTS: Final = {"created_at": SortColumn(Comment.created_at)}
COMMENT: Final = Record(
    "comment",
    Comment,
    fields=COMMENT_FIELDS,
    within="task_id",
    given=("id", "task_id", "body", "mentions", "created_by", "created_at"),
    sorts=_SORTS,
)


def _reactions() -> Expression:
    """Of each comment its emoji in the order they came first; `reader_id` is who asks."""
    of = CommentReaction
    people = func.array_agg(aggregate_order_by(of.user_id, of.id), type_=ARRAY(Uuid))
    each = (
        select(
            of.emoji,
            func.count().label("count"),
            people.label("user_ids"),
            func.bool_or(of.user_id == bindparam("reader_id", type_=Uuid)).label("mine"),
            func.min(of.created_at).label("began_at"),
        )
        .where(of.comment_id == Comment.id)
        .correlate(Comment)
        .group_by(of.emoji)
        .subquery("each")
    )
    shown = as_json(
        {
            "emoji": each.c.emoji,
            "count": each.c.count,
            "user_ids": each.c.user_ids[1:_SHOWN_PEOPLE],
            "mine": each.c.mine,
        },
        cast_to_text=False,
    )
    ordered = func.array_agg(aggregate_order_by(shown, each.c.began_at, each.c.emoji))
    empty: ColumnElement[str] = literal_column("'[]'::json")
    return select(func.coalesce(func.array_to_json(ordered), empty)).select_from(each).scalar_subquery()


_REACTIONS: Final = _reactions()
_SHOWN: Final = as_json({**COMMENT_FIELDS, "reactions": _REACTIONS}).label("body")


def shown_text(comment_id: str) -> str:
    """One comment, with what it says, for statements that are put together from texts and have its id by this name."""
    shown = select(_SHOWN, Comment.body.label("said"), Comment.task_id)
    return as_text(shown.where(Comment.id == literal_column(comment_id)))


def _of_task(statement: Select[Any], by: str, reach: Reach) -> Select[Any]:
    joined = statement.select_from(Comment).join(Task, Task.id == Comment.task_id)
    return of_living_task(joined, by, reach)


@lru_cache(8)
def visible(by: str, reach: Reach) -> Statement[VisibleRow]:
    """One comment on a living task, for whom it reaches."""
    statement = _of_task(select(_SHOWN, Comment.version, *project_columns(reach)), by, reach)
    return prepare(statement.where(Comment.id == bindparam("comment_id")), row=VisibleRow)


def _on_task(statement: Select[Any], by: str, reach: Reach) -> Select[Any]:
    """The task is found first, and its comments are walked in the order of their index: a page costs a page."""
    return statement.where(Comment.task_id == of_living_task(select(Task.id), by, reach).scalar_subquery())


@lru_cache(8)
def _listed(by: str, reach: Reach) -> str:
    return list_text(_on_task(select(_SHOWN), by, reach))


@lru_cache(128)
def page(by: str, reach: Reach, sort: str, rows: int, *, continues: bool) -> Statement[PageRow]:
    keyset = Keyset.of(sorting.parse(sort), _SORTS, Comment.id)
    return page_of(_listed(by, reach), keyset, rows, continues=continues)


@lru_cache(8)
def count(by: str, reach: Reach) -> Statement[One[int]]:
    return count_statement(_on_task(select(Comment.id), by, reach))


# The facts of its making and of each edit hold its texts. Ids of facts are made while the comment is locked, so they
# are in the order of the edits.
_AS_WRITTEN: Final[ColumnElement[str]] = Event.changes[("body", "1")].astext
_REVISION: Final = as_json({"id": Event.id, "body": _AS_WRITTEN, "edited_by": Event.actor_id, "at": Event.at})
_BY_AGE: Final = Keyset.of((Term("id"),), {"id": SortColumn(Event.id)}, Event.id)


def _revisions(statement: Select[Any], by: str, reach: Reach) -> Select[Any]:
    told = of_living_task(
        statement.select_from(Comment)
        .join(Task, Task.id == Comment.task_id)
        .join(Event, (Event.subject_id == Comment.id) & (Event.subject_type == COMMENT.name)),
        by,
        reach,
    )
    return told.where(Comment.id == bindparam("comment_id"), _AS_WRITTEN.is_not(None))


@lru_cache(64)
def revisions(by: str, reach: Reach, rows: int, *, continues: bool) -> Statement[PageRow]:
    """What it said, the oldest first."""
    statement = _revisions(select(_REVISION.label("body")), by, reach)
    return page_of(list_text(statement), _BY_AGE, rows, continues=continues)


@lru_cache(8)
def count_revisions(by: str, reach: Reach) -> Statement[One[int]]:
    return count_statement(_revisions(select(Event.id), by, reach))


LOCK: Final = prepare(
    select(*COMMENT.shown, Comment.created_by, cast(_REACTIONS, Text).label("reactions"))
    .where(Comment.id == bindparam("of_id"), COMMENT.here)
    .with_for_update(key_share=True, of=Comment),
    row=LockedRow,
)
_of_reaction = (
    CommentReaction.id,
    CommentReaction.comment_id,
    CommentReaction.emoji,
    CommentReaction.user_id,
    CommentReaction.created_at,
)
ADD_REACTION: Final = prepare(insert(CommentReaction).returning(*_of_reaction), row=ReactionRow)
REMOVE_REACTION: Final = prepare(
    delete(CommentReaction)
    .where(
        CommentReaction.comment_id == bindparam("of_comment"),
        CommentReaction.emoji == bindparam("of_emoji"),
        CommentReaction.user_id == bindparam("of_user"),
    )
    .returning(*_of_reaction),
    row=ReactionRow,
)
REMOVE_REACTIONS: Final = prepare(
    delete(CommentReaction).where(CommentReaction.comment_id == bindparam("of_comment")).returning(*_of_reaction),
    row=ReactionRow,
)
