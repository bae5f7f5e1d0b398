"""Identities in SQL, as their owner sees them; each statement names the owner."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import DateTime, and_, bindparam, delete, func, or_, select

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Identity, User


class UnlinkedIdentity(TypedDict):
    id: UUID
    issuer: str


class WaysIn(TypedDict):
    """By what an account can be opened."""

    has_password: bool
    identities: int


IDENTITY_FIELDS: Final[dict[str, Expression]] = {
    "id": Identity.id,
    "issuer": Identity.issuer,
    "subject": Identity.subject,
    "email": Identity.email,
    "created_at": Identity.created_at,
    "last_used_at": Identity.last_used_at,
}
_BODY = as_json(IDENTITY_FIELDS).label("body")
_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(Identity.created_at)}, Identity.id
)
_mine = Identity.user_id == bindparam("of_user")
_this = and_(_mine, Identity.id == bindparam("of_identity"))
COUNT = count_statement(select(Identity.id).where(_mine))
ONE = prepare(select(_BODY).where(_this), row=One[str])


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_BODY).where(_mine), _newest_first, limit, continues=continues)


_identities = select(func.count()).select_from(Identity).where(_mine).correlate(None).scalar_subquery()
WAYS_IN = prepare(
    select(User.password_hash.is_not(None).label("has_password"), _identities.label("identities")).where(
        User.id == bindparam("of_user")
    ),
    row=WaysIn,
)
_unlinked = (Identity.id, Identity.issuer)
UNLINK = prepare(delete(Identity).where(_this).returning(*_unlinked), row=UnlinkedIdentity)
_since = bindparam("since", type_=DateTime(timezone=True))
UNLINK_ALL = prepare(
    delete(Identity).where(_mine, or_(_since.is_(None), Identity.created_at >= _since)).returning(*_unlinked),
    row=UnlinkedIdentity,
)
