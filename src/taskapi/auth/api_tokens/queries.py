"""Personal API tokens in SQL; each statement names their owner."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, delete, func, insert, or_, select, update

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import ApiToken, Member, Project


class RevokedToken(TypedDict):
    id: UUID
    name: str


API_TOKEN_FIELDS: Final[dict[str, Expression]] = {
    "id": ApiToken.id,
    "name": ApiToken.name,
    "prefix": ApiToken.prefix,
    "scopes": ApiToken.scopes,
    "project_ids": ApiToken.project_ids,
    "created_at": ApiToken.created_at,
    "expires_at": ApiToken.expires_at,
    "last_used_at": ApiToken.last_used_at,
    "last_used_address": ApiToken.last_used_address,
}
_BODY: ColumnElement[str] = as_json(API_TOKEN_FIELDS).label("body")
_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(ApiToken.created_at)}, ApiToken.id
)
_mine = and_(ApiToken.user_id == bindparam("of_user"), ApiToken.revoked_at.is_(None))
COUNT = count_statement(select(ApiToken.id).where(_mine))
COUNT_ALIVE = prepare(
    select(func.count()).select_from(ApiToken).where(_mine, ApiToken.expires_at > bindparam("now")), row=One[int]
)
GOOD = prepare(
    select(_BODY).where(_mine, ApiToken.expires_at > bindparam("now")).order_by(ApiToken.created_at, ApiToken.id),
    row=One[str],
)


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_BODY).where(_mine), _newest_first, limit, continues=continues)


_one = select(_BODY).where(_mine, ApiToken.id == bindparam("of_token"))
ONE = prepare(_one, row=One[str])
ONE_LOCKED = prepare(_one.with_for_update(key_share=True), row=One[str])
CREATE = prepare(
    insert(ApiToken).returning(_BODY),
    "id",
    "user_id",
    "name",
    "prefix",
    "secret_hash",
    "scopes",
    "project_ids",
    "created_at",
    "expires_at",
    row=One[str],
)
MY_PROJECTS_AMONG = prepare(
    select(Member.project_id)
    .join(Project, Project.id == Member.project_id)
    .where(
        Member.user_id == bindparam("of_user"),
        Member.project_id == any_(bindparam("of_projects", type_=ARRAY(Uuid))),
        Project.deleted_at.is_(None),
    ),
    row=One[UUID],
)
_revoke = update(ApiToken).where(_mine).values(revoked_at=bindparam("now")).returning(ApiToken.id, ApiToken.name)
REVOKE = prepare(_revoke.where(ApiToken.id == bindparam("of_token")), row=RevokedToken)
REVOKE_ALL = prepare(_revoke, row=RevokedToken)
FORGET = prepare(
    delete(ApiToken).where(or_(ApiToken.expires_at < bindparam("before"), ApiToken.revoked_at < bindparam("before")))
)
