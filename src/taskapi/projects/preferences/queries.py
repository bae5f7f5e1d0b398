"""What members' own lists show of projects, in SQL: rows of `members`, found as their member alone."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from taskapi.core.access.reach import Reach, membership
from taskapi.core.db.statements import One, Statement, prepare
from taskapi.core.http.references import ById
from taskapi.models import Member, Project

_ids: ColumnElement[Any] = bindparam("ids", type_=ARRAY(Uuid))


@lru_cache(4)
def mark(by: str, reach: Reach) -> Statement[One[UUID]]:
    """A favourite, or none; of a project that is not in the trash."""
    which = Project.id == bindparam("of_project_id") if by == ById.by else Project.key == bindparam("of_key")
    statement = (
        update(Member)
        .where(Member.project_id == Project.id, which, Project.deleted_at.is_(None), membership(reach))
        .values(is_favourite=bindparam("marked", type_=Boolean))
    )
    return prepare(statement.returning(Member.project_id), row=One[UUID])


@lru_cache(2)
def among(reach: Reach) -> Statement[One[UUID]]:
    return prepare(select(Member.project_id).where(Member.project_id == any_(_ids), membership(reach)), row=One[UUID])


@lru_cache(2)
def order(reach: Reach) -> Statement[None]:
    """Those that are named get their places, the others lose theirs; rows that stay as they are are not written."""
    place = func.array_position(_ids, Member.project_id)
    moved = Member.position.is_distinct_from(place)
    return prepare(update(Member).where(membership(reach), moved).values(position=place))
