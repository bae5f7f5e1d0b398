"""Members in SQL. The project has been loaded with the caller before; `projects/queries.py` has what writes them."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from taskapi.core.db.statements import One, Statement, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Member, ProjectRole, User
from taskapi.projects.queries import MEMBER_BODY


class StandingRow(Versioned):
    """A member's role now, and whether they can sign in to act by it."""

    user_id: UUID
    role: str
    weekly_capacity: float | None
    is_active: bool


_of_project = Member.project_id == bindparam("project_id")
_by_joining = Keyset.of((Term("joined_at"),), {"joined_at": SortColumn(Member.joined_at)}, Member.user_id)

MEMBER: Final = prepare(
    select(MEMBER_BODY, Member.version).where(_of_project, Member.user_id == bindparam("user_id")), row=Versioned
)
COUNT: Final = count_statement(select(Member.user_id).where(_of_project))


def _active_user(which: ColumnElement[bool]) -> Statement[One[UUID]]:
    """Locked, so that an account cannot be disabled while it is being added."""
    return prepare(
        select(User.id).where(which, User.is_active).with_for_update(read=True, key_share=True), row=One[UUID]
    )


ACTIVE_BY_ID: Final = _active_user(User.id == bindparam("user_id"))
ACTIVE_BY_USERNAME: Final = _active_user(func.lower(User.username) == func.lower(bindparam("username")))
STANDING: Final = prepare(
    select(Member.user_id, Member.role, Member.weekly_capacity, Member.version, User.is_active, MEMBER_BODY)
    .join(User, User.id == Member.user_id)
    .where(
        _of_project,
        or_(
            Member.role == ProjectRole.OWNER,
            Member.user_id == bindparam("caller_id"),
            Member.user_id == bindparam("user_id"),
        ),
    )
    .order_by(Member.user_id)
    .with_for_update(of=Member, key_share=True),
    row=StandingRow,
)


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(MEMBER_BODY).where(_of_project), _by_joining, limit, continues=continues)
