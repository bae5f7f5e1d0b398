"""Erasing an account in SQL."""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, cast, delete, func, null, select, update

from taskapi.core.db.statements import prepare
from taskapi.models import Member, Project, ProjectRole, SystemRole, User
from taskapi.personal_data.holdings import HOLDINGS, Fate


class ProjectRow(TypedDict):
    id: UUID
    key: str
    role: str
    others: int
    """How many other members there are."""
    other_owners: int
    """Of whom so many could act as an owner."""


_others, _theirs = Member.__table__.alias("others"), User.__table__.alias("theirs")
_owns = and_(_others.c.role == ProjectRole.OWNER, _theirs.c.is_active)
# Locked in one order, as everything that changes who owns a project waits there.
LOCK_PROJECTS = prepare(
    select(Project.id)
    .join(Member, Member.project_id == Project.id)
    .where(Member.user_id == bindparam("user_id"), Project.deleted_at.is_(None))
    .order_by(Project.id)
    .with_for_update(of=Project, key_share=True)
)
PROJECTS = prepare(
    select(
        Project.id,
        Project.key,
        Member.role,
        func.count(_others.c.user_id).label("others"),
        func.count(_others.c.user_id).filter(_owns).label("other_owners"),
    )
    .join(Member, Member.project_id == Project.id)
    .outerjoin(_others, and_(_others.c.project_id == Project.id, _others.c.user_id != Member.user_id))
    .outerjoin(_theirs, _theirs.c.id == _others.c.user_id)
    .where(Member.user_id == bindparam("user_id"), Project.deleted_at.is_(None))
    .group_by(Project.id, Member.role)
    .order_by(Project.id),
    row=ProjectRow,
)
ERASE = prepare(
    update(User)
    .where(User.id == bindparam("of_user"))
    .values(
        username=bindparam("placeholder"),
        email=null(),
        full_name=bindparam("shown_as"),
        password_hash=null(),
        role=SystemRole.USER,
        is_active=False,
        email_verified=False,
        timezone="UTC",
        locale="en",
        deleted_at=bindparam("now"),
        updated_at=bindparam("now"),
        version=User.version + 1,
    )
)
FORGET: Final = tuple(
    prepare(
        delete(holding.column.class_).where(
            holding.column == cast(bindparam("user_id", type_=Uuid), holding.column.type)
        )
    )
    for holding in HOLDINGS
    if holding.fate is Fate.ERASES
)
