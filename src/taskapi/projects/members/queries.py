"""Members in SQL. The project has been loaded with the caller before."""

from functools import lru_cache

from sqlalchemy import bindparam, func, insert, literal_column, select

from taskapi.core.pagination import page_statement
from taskapi.core.sorting import Keyset, SortColumn, Term
from taskapi.core.statements import Expression, Statement, as_json, prepare
from taskapi.models import Member, User

_FIELDS: dict[str, Expression] = {
    "user": func.json_build_object(
        literal_column("'id'"),
        User.id,
        literal_column("'username'"),
        User.username,
        literal_column("'full_name'"),
        User.full_name,
    ),
    "role": Member.role,
    "joined_at": Member.joined_at,
}
_MEMBER = (
    select(as_json(_FIELDS).label("body"))
    .join(User, User.id == Member.user_id)
    .where(Member.project_id == bindparam("project_id"))
)
_by_joining = Keyset.of((Term("joined_at"),), {"joined_at": SortColumn(Member.joined_at)}, Member.user_id)

ADD = prepare(insert(Member), "project_id", "user_id", "role", "joined_at")
MEMBER = prepare(_MEMBER.where(Member.user_id == bindparam("user_id")))
COUNT = prepare(select(func.count()).select_from(Member).where(Member.project_id == bindparam("project_id")))
# Locked, so that an account cannot be disabled while it is being added.
ACTIVE_USER = prepare(
    select(User.id).where(User.id == bindparam("user_id"), User.is_active).with_for_update(read=True, key_share=True)
)


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement:
    return page_statement(_MEMBER, _by_joining, limit, continues=continues)
