"""Saved views in SQL. Who may see one is part of every statement that finds it."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NotRequired
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, any_, bindparam, delete, func, or_, select

from taskapi.core.access.reach import Reach, membership, project_columns, role
from taskapi.core.db.statements import Expression, One, Statement, prepare
from taskapi.core.lists import sorting
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Member, Project, View


class ViewRow(Versioned):
    """A view that the caller sees, with its project and their role there, where it belongs to one."""

    id: UUID
    owner_id: UUID | None
    created_by: UUID
    of_project: UUID | None
    key: str | None
    archived_at: datetime | None
    role: str | None
    filter: str
    sort: str | None
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


VIEW_FIELDS: Final[dict[str, Expression]] = {
    "id": View.id,
    "name": View.name,
    "filter": View.filter,
    "sort": View.sort,
    "project_id": View.project_id,
    "shared": View.owner_id.is_(None),
    "created_by": View.created_by,
    "created_at": View.created_at,
    "updated_at": View.updated_at,
    "version": View.version,
}
VIEW: Final = Record(
    "view",
    View,
    fields=VIEW_FIELDS,
    within="created_by",
    given=("id", "project_id", "owner_id", "name", "filter", "sort", "created_by", "created_at", "updated_at"),
    sorts={
        "name": SortColumn(func.reading_order(View.name, type_=Text(collation="C"))),
        "created_at": SortColumn(View.created_at),
    },
)
_shared: ColumnElement[bool] = View.owner_id.is_(None)
_mine: ColumnElement[bool] = View.owner_id == bindparam("caller_id")
_living: ColumnElement[bool] = Project.deleted_at.is_(None)


@lru_cache(16)
def one(reach: Reach, *, lock: bool) -> Statement[ViewRow]:
    columns = (
        *(*VIEW.shown, View.id, View.owner_id, View.created_by, View.project_id.label("of_project")),
        *(Project.key, Project.archived_at, role(reach).label("role"), View.filter, View.sort),
    )
    statement = select(*columns, *project_columns(reach)).where(View.id == bindparam("of_id"))
    if reach is Reach.ADMINISTRATOR:
        found = statement.join(Project, Project.id == View.project_id).where(_living, _shared)
    else:
        found = _with_membership(statement, reach).where(or_(_shared, _mine), _reached(reach))
    return prepare(found.with_for_update(of=View, key_share=True) if lock else found, row=ViewRow)


def _with_membership(statement: Select[Any], reach: Reach) -> Select[Any]:
    joined = statement.select_from(View).outerjoin(Project, Project.id == View.project_id)
    return joined.outerjoin(Member, and_(Member.project_id == View.project_id, membership(reach)))


def _reached(reach: Reach) -> ColumnElement[bool]:
    """A view of a project is for its members, one's own too; one of no project is not for tokens that name projects."""
    of_project = and_(Member.user_id.is_not(None), _living)
    return of_project if reach is Reach.TOKEN else or_(View.project_id.is_(None), of_project)


def _all_seen(reach: Reach) -> Select[Any]:
    """Of all projects that the caller is in: shared ones are found by project, one's own by owner."""
    theirs = select(Member.project_id).where(membership(reach)).scalar_subquery()
    shared = and_(_shared, View.project_id == any_(func.array(theirs, type_=View.project_id.type)))
    return _with_membership(select(VIEW.body), reach).where(or_(_mine, shared), _reached(reach))


_of_one = select(VIEW.body).where(View.project_id == bindparam("of_project"), or_(_shared, _mine))


@lru_cache(64)
def page(reach: Reach | None, sort: str, rows: int, *, continues: bool) -> Statement[PageRow]:
    """`reach` None: of the one project that was loaded with the caller before."""
    keyset = Keyset.of(sorting.parse(sort), VIEW.sorts, View.id)
    return page_statement(_of_one if reach is None else _all_seen(reach), keyset, rows, continues=continues)


@lru_cache(8)
def count(reach: Reach | None) -> Statement[One[int]]:
    return count_statement(_of_one if reach is None else _all_seen(reach))


_removed = delete(View).returning(*VIEW.shown)
FORGET_OWN: Final = prepare(_removed.where(View.owner_id == bindparam("of_user")), row=Versioned)
FORGET_OWN_OF_PROJECT: Final = prepare(
    _removed.where(View.owner_id == bindparam("of_user"), View.project_id == bindparam("of_project")), row=Versioned
)
