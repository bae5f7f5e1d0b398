"""The inbox in SQL: always of one person, and of it what they may see at this moment."""

from functools import lru_cache
from typing import Any, Final, NotRequired
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from taskapi.core.access.reach import Reach, membership
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, list_text, page_of
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Comment, Invitation, Member, Notification, Project, Task, User
from taskapi.notifications.inbox.schemas import MOST_COUNTED

STEP: Final = 1000


class InboxRow(PageRow):
    """A notification, and how many are unread in all."""

    unread: NotRequired[int]


_KEY: Final = case((Task.id.is_not(None), Project.key + literal_column("'-'") + cast(Task.number, Text)))
NOTIFICATION_FIELDS: Final[dict[str, Expression]] = {
    "id": Notification.id,
    "kind": Notification.kind,
    "task_id": Notification.task_id,
    "task_key": _KEY,
    "project_id": Project.id,
    "comment_id": Notification.comment_id,
    "actor_id": Notification.actor_id,
    "title": func.coalesce(Task.title, Project.name),
    "created_at": Notification.created_at,
    "read_at": Notification.read_at,
}
_unread: ColumnElement[bool] = Notification.read_at.is_(None)
_task = and_(Task.id == Notification.task_id, Task.deleted_at.is_(None))
_project = and_(Project.id == func.coalesce(Task.project_id, Notification.project_id), Project.deleted_at.is_(None))
# Scalars, and no EXISTS, which the planner may answer by hashing a whole table.
_comment = select(Comment.id).where(Comment.id == Notification.comment_id).correlate(Notification).scalar_subquery()
_comment_is_there = or_(Notification.comment_id.is_(None), _comment.is_not(None))
_task_is_there = or_(Notification.task_id.is_(None), Task.id.is_not(None))
# Somebody who is invited is no member yet; the invitation may have been taken back, or go to another address now.
_invitation = (
    select(Invitation.id)
    .join(User, and_(User.email == Invitation.email, User.email_verified))
    .where(
        Invitation.id == Notification.invitation_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > func.now(),
        User.id == Notification.user_id,
    )
    .correlate(Notification)
    .scalar_subquery()
)
_is_invited = _invitation.is_not(None)


def _visible(statement: Select[*tuple[Any, ...]], reach: Reach) -> Select[*tuple[Any, ...]]:
    joined = (
        statement.select_from(Notification)
        .outerjoin(Task, _task)
        .join(Project, _project)
        .outerjoin(Member, and_(Member.project_id == Project.id, membership(reach)))
    )
    is_member: ColumnElement[bool] = Member.user_id.is_not(None)
    may_see = is_member if reach is Reach.TOKEN else or_(is_member, _is_invited)
    return joined.where(
        Notification.user_id == bindparam("caller_id"), Notification.in_app, _task_is_there, _comment_is_there, may_see
    )


@lru_cache(2)
def count_unread(reach: Reach) -> Statement[One[int]]:
    return prepare(select(_counted(reach)), row=One[int])


def _counted(reach: Reach) -> Expression:
    """One more than MOST_COUNTED stands for "more than that"."""
    most = literal_column(str(MOST_COUNTED + 1), Integer)
    unread = _visible(select(Notification.id), reach).where(_unread).limit(most).subquery("unread")
    return select(func.count()).select_from(unread).scalar_subquery().label("unread")


def _filters(names: frozenset[str]) -> list[ColumnElement[bool]]:
    conditions: dict[str, ColumnElement[bool]] = {
        "unread": _unread,
        "read": Notification.read_at.is_not(None),
        "kinds": Notification.kind == any_(bindparam("kinds", type_=ARRAY(Text))),
        "of_project": Project.id == bindparam("of_project", type_=Uuid),
        "of_key": Project.key == bindparam("of_key", type_=Text),
    }
    return [conditions[name] for name in sorted(names)]


_NEWEST_FIRST: Final = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(Notification.created_at)}, Notification.id
)
_BODY: Final = as_json(NOTIFICATION_FIELDS).label("body")


@lru_cache(64)
def _listed(reach: Reach, filters: frozenset[str]) -> str:
    return list_text(_visible(select(_BODY, _counted(reach)), reach).where(*_filters(filters)))


@lru_cache(128)
def page(reach: Reach, filters: frozenset[str], rows: int, *, continues: bool) -> Statement[PageRow]:
    """Each row tells how many are unread in all, so that a page of them is one statement."""
    return page_of(_listed(reach, filters), _NEWEST_FIRST, rows, continues=continues)


@lru_cache(64)
def count(reach: Reach, filters: frozenset[str]) -> Statement[One[int]]:
    return count_statement(_visible(select(Notification.id), reach).where(*_filters(filters)))


@lru_cache(2)
def one(reach: Reach) -> Statement[Versioned]:
    """Its version says whether it is read: nothing else of it changes."""
    version = case((_unread, literal_column("1", Integer)), else_=literal_column("2", Integer)).label("version")
    statement = _visible(select(_BODY, version), reach)
    return prepare(statement.where(Notification.id == bindparam("of_id")), row=Versioned)


@lru_cache(8)
def mark_read(reach: Reach, which: str) -> Statement[One[UUID]]:
    """`which` of those that the caller sees: `ids`, `before`, or all."""
    seen = _visible(select(Notification.id), reach).where(_unread)
    if which == "ids":
        seen = seen.where(Notification.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    elif which == "before":
        seen = seen.where(Notification.created_at <= bindparam("before", type_=DateTime(timezone=True)))
    # In one order, so that two at once do not wait for each other.
    held = select(Notification.id).where(Notification.id.in_(seen), _unread).order_by(Notification.id)
    return prepare(
        update(Notification)
        .where(Notification.id.in_(held.with_for_update(of=Notification)))
        .values(read_at=bindparam("now"))
        .returning(Notification.id),
        row=One[UUID],
    )


_old = or_(
    and_(Notification.created_at < bindparam("before"), Notification.read_at.is_not(None)),
    Notification.created_at < bindparam("long_before"),
)
_step = select(Notification.id).where(Notification.created_at < bindparam("before"), _old).limit(STEP)
FORGET: Final = prepare(
    delete(Notification).where(Notification.id.in_(_step)).returning(Notification.id), row=One[UUID]
)
