"""Accounts in SQL."""

from functools import lru_cache
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, case, exists, insert, or_, select, update

from taskapi.auth.queries import USER, USER_FIELDS
from taskapi.core.access.reach import Reach, membership
from taskapi.core.db.statements import Expression, One, Statement, as_json, contains, prepare
from taskapi.core.lists import sorting
from taskapi.core.lists.paging import PageRow, count_statement, list_text, page_of
from taskapi.core.lists.sorting import Key, Keyset, SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.models import Member, SystemRole, User
from taskapi.users.schemas import UserFilter


class NamedAccount(Versioned):
    """An account as clients see it, and the name that the change log calls it by."""

    username: str


REGISTER = prepare(
    insert(User).returning(USER, User.version),
    "id",
    "username",
    "email",
    "full_name",
    "password_hash",
    "role",
    "timezone",
    "created_at",
    "updated_at",
    row=Versioned,
)
_this = User.id == bindparam("of_user")
_changed = update(User).where(_this).values(version=User.version + 1)


@lru_cache(32)
def change(fields: tuple[str, ...]) -> Statement[Versioned]:
    return prepare(_changed.returning(USER, User.version), *fields, "updated_at", row=Versioned)


FOR_UPDATE = prepare(
    select(USER, User.version, User.username).where(_this, User.deleted_at.is_(None)).with_for_update(key_share=True),
    row=NamedAccount,
)
# Locks all of them in one order. Of two administrators who demote each other at once, the second one waits for the
# first, and then sees that it would be the last.
ACTIVE_ADMINISTRATORS = prepare(
    select(User.id)
    .where(User.role == SystemRole.ADMIN, User.is_active)
    .order_by(User.id)
    .with_for_update(key_share=True),
    row=One[UUID],
)

_mine, _theirs = Member.__table__.alias("mine"), Member.__table__.alias("theirs")
_sees_all = or_(bindparam("is_admin", type_=Boolean), User.id == bindparam("caller_id"))


@lru_cache(2)
def visible(reach: Reach) -> Statement[Versioned]:
    """Somebody who is in a project with the caller; with the address, where that is the caller or they administer.

    No role in a project shows it: anybody makes a project, and adds whom they like.
    """
    shared = and_(membership(reach, _mine.c), _theirs.c.project_id == _mine.c.project_id, _theirs.c.user_id == User.id)
    fields: dict[str, Expression] = {**USER_FIELDS, "email": case((_sees_all, User.email))}
    return prepare(
        select(as_json(fields).label("body"), User.version).where(
            _this, User.deleted_at.is_(None), or_(_sees_all, exists().where(shared))
        ),
        row=Versioned,
    )


_SORTS = {
    "created_at": SortColumn(User.created_at),
    "username": SortColumn(User.username_order),
    "email": SortColumn(User.email),
}
_ID = Key.of(User.id)


def _matches(filters: frozenset[str]) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "q": or_(contains(User.username, "q"), contains(User.full_name, "q"), contains(User.email, "q")),
        "role": User.role == bindparam("role"),
        "is_active": User.is_active == bindparam("is_active"),
    }
    return and_(User.deleted_at.is_(None), *(conditions[name] for name in sorted(filters)))


@lru_cache(8)
def _listed(filters: frozenset[str]) -> str:
    return list_text(select(USER).where(_matches(filters)))


def page(filters: frozenset[str], sort: str, rows: int, *, continues: bool) -> Statement[PageRow]:
    keyset = Keyset.of(sorting.parse(sort), _SORTS, _ID)
    return page_of(_listed(filters), keyset, rows, continues=continues)


@lru_cache(64)
def count(filters: frozenset[str]) -> Statement[One[int]]:
    return count_statement(select(User.id).where(_matches(filters)))


def values(params: UserFilter) -> dict[str, object]:
    return params.model_dump(include={"q", "role", "is_active"}, exclude_none=True)
