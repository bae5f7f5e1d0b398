"""Sessions in SQL: listed newest first, started, refreshed, ended."""

from datetime import datetime
from functools import lru_cache
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, delete, insert, or_, select, update

from taskapi.auth.queries import ALIVE
from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Session, User


class LiveSession(TypedDict):
    """Whose session it is, and when it ends however often it is refreshed."""

    user_id: UUID
    expires_at: datetime


class SessionState(LiveSession):
    """Which refresh token of a session is the newest, and since when."""

    generation: int
    rotated_at: datetime


SESSION_FIELDS: dict[str, Expression] = {
    "id": Session.id,
    "user_agent": Session.user_agent,
    "address": Session.address,
    "created_at": Session.created_at,
    "last_used_at": Session.rotated_at,
    "expires_at": Session.expires_at,
}
_FIELDS: dict[str, Expression] = {
    **SESSION_FIELDS,
    "current": Session.id == bindparam("current_id", type_=Uuid),
}
_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(Session.created_at)}, Session.id
)
_this_session = Session.id == bindparam("of_session")
_of_user = and_(Session.user_id == bindparam("of_user"), Session.revoked_at.is_(None))
_mine = and_(_of_user, Session.expires_at > bindparam("now"))
COUNT = count_statement(select(Session.id).where(_mine))


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(
        select(as_json(_FIELDS).label("body")).where(_mine), _newest_first, limit, continues=continues
    )


# What is told of a session when it starts, and never changes.
_STARTED: dict[str, Expression] = {
    "user_id": Session.user_id,
    "user_agent": Session.user_agent,
    "address": Session.address,
    "created_at": Session.created_at,
    "expires_at": Session.expires_at,
}
_one = select(as_json(_FIELDS).label("body")).where(_mine, _this_session)
ONE = prepare(_one, row=One[str])
ONE_LOCKED = prepare(_one.with_for_update(key_share=True), row=One[str])
START_SESSION = prepare(
    insert(Session).returning(as_json(_STARTED).label("body")),
    *("id", "user_id", "rotated_at", "created_at", "expires_at", "user_agent", "address"),
    row=One[str],
)
# It takes the newest refresh token of the session alone. Of fifty requests with the same one, one changes the row.
ROTATE = prepare(
    update(Session)
    .where(
        _this_session,
        Session.generation == bindparam("presented"),
        Session.rotated_at > bindparam("idle_since"),
        User.id == Session.user_id,
        ALIVE,
    )
    .values(generation=Session.generation + 1, rotated_at=bindparam("now"))
    .returning(Session.user_id, Session.expires_at),
    row=LiveSession,
)
SESSION_STATE = prepare(
    select(Session.user_id, Session.expires_at, Session.generation, Session.rotated_at)
    .join(User, User.id == Session.user_id)
    .where(_this_session, ALIVE),
    row=SessionState,
)
_end = update(Session).where(_of_user).values(revoked_at=bindparam("now")).returning(Session.id)
_oldest = (
    select(Session.id).where(_mine).order_by(Session.rotated_at.desc(), Session.id.desc()).offset(bindparam("kept"))
)
END_OLDEST_SESSIONS = prepare(_end.where(Session.id.in_(_oldest)), row=One[UUID])
END_SESSION = prepare(_end.where(_this_session), row=One[UUID])
END_ALL_SESSIONS = prepare(_end, row=One[UUID])
END_OTHER_SESSIONS = prepare(_end.where(Session.id != bindparam("kept_session")), row=One[UUID])
FORGET_SESSIONS = prepare(
    delete(Session).where(or_(Session.expires_at < bindparam("before"), Session.revoked_at < bindparam("before")))
)
