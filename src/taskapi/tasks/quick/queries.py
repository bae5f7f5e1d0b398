"""What is mentioned in a line of text, in SQL. The project has been loaded with the caller before."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, any_, bindparam, column, func, literal, or_, select

from taskapi.core.access.permissions import GRANTS, Permission
from taskapi.core.access.reach import Reach, membership
from taskapi.core.db.statements import One, Statement, prepare
from taskapi.models import Label, Member, Project, User


class UserRow(TypedDict):
    """A member, by the name they were mentioned by."""

    mentioned: str
    id: UUID
    username: str
    full_name: str | None


class LabelRow(TypedDict):
    """A label, by the name it was mentioned by."""

    mentioned: str
    id: UUID
    name: str


_mentioned = (
    func.unnest(bindparam("names", type_=ARRAY(Text)))
    .table_valued(column("name", Text), name="mentioned")
    .render_derived()
)
_is_meant = or_(
    func.lower(User.username) == _mentioned.c.name,
    and_(_mentioned.c.name == "me", User.id == bindparam("caller_id")),
)
MEMBERS_NAMED: Final = prepare(
    select(_mentioned.c.name.label("mentioned"), User.id, User.username, User.full_name)
    .select_from(_mentioned)
    .join(User, _is_meant)
    .join(Member, and_(Member.user_id == User.id, Member.project_id == bindparam("project_id"))),
    row=UserRow,
)
LABELS_NAMED: Final = prepare(
    select(_mentioned.c.name.label("mentioned"), Label.id, Label.name)
    .select_from(_mentioned)
    .join(
        Label,
        and_(Label.project_id == bindparam("project_id"), func.lower(Label.name) == func.lower(_mentioned.c.name)),
    ),
    row=LabelRow,
)
_WRITERS: Final = literal(
    [str(role) for role, permissions in GRANTS.items() if Permission.TASK_WRITE in permissions], ARRAY(Text)
)


@lru_cache(2)
def writable(reach: Reach) -> Statement[One[UUID]]:
    """Two, where there are several: more is not asked."""
    return prepare(
        select(Project.id)
        .join(Member, and_(Member.project_id == Project.id, membership(reach)))
        .where(
            Member.role == any_(_WRITERS),
            Project.deleted_at.is_(None),
            Project.archived_at.is_(None),
        )
        .limit(2),
        row=One[UUID],
    )
