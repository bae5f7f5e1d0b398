"""Living sessions, newest first."""

from functools import lru_cache

from sqlalchemy import Uuid, and_, bindparam, func, select

from taskapi.core.pagination import page_statement
from taskapi.core.sorting import Keyset, SortColumn, Term
from taskapi.core.statements import Expression, Statement, as_json, prepare
from taskapi.models import Session

_FIELDS: dict[str, Expression] = {
    "id": Session.id,
    "user_agent": Session.user_agent,
    "address": Session.address,
    "created_at": Session.created_at,
    "last_used_at": Session.rotated_at,
    "expires_at": Session.expires_at,
    "current": Session.id == bindparam("current_id", type_=Uuid),
}
_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(Session.created_at)}, Session.id
)
_mine = and_(
    Session.user_id == bindparam("user_id"), Session.revoked_at.is_(None), Session.expires_at > bindparam("now")
)
COUNT = prepare(select(func.count()).select_from(Session).where(_mine))


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement:
    return page_statement(
        select(as_json(_FIELDS).label("body")).where(_mine), _newest_first, limit, continues=continues
    )
