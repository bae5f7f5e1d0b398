"""Erasing an account in SQL."""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.db.statements import One, prepare
from taskapi.models import Event, Member, Project, ProjectRole, SystemRole, User
from taskapi.personal_data.holdings import HOLDINGS, Fate


class ProjectRow(TypedDict):
    id: UUID
    key: str
    trashed: bool
    role: str
    others: int
    """How many other members there are."""
    other_owners: int
    """Of whom so many could act as an owner."""


class SuccessorRow(TypedDict):
    project_id: UUID
    user_id: UUID
    role: str


_others, _theirs = Member.__table__.alias("others"), User.__table__.alias("theirs")
_owns = and_(_others.c.role == ProjectRole.OWNER, _theirs.c.is_active)
# Locked in one order, as everything that changes who owns a project waits there.
LOCK_PROJECTS = prepare(
    select(Project.id)
    .join(Member, Member.project_id == Project.id)
    .where(Member.user_id == bindparam("user_id"))
    .order_by(Project.id)
    .with_for_update(of=Project, key_share=True)
)
PROJECTS = prepare(
    select(
        Project.id,
        Project.key,
        Project.deleted_at.is_not(None).label("trashed"),
        Member.role,
        func.count(_others.c.user_id).label("others"),
        func.count(_others.c.user_id).filter(_owns).label("other_owners"),
    )
    .join(Member, Member.project_id == Project.id)
    .outerjoin(_others, and_(_others.c.project_id == Project.id, _others.c.user_id != Member.user_id))
    .outerjoin(_theirs, _theirs.c.id == _others.c.user_id)
    .where(Member.user_id == bindparam("user_id"))
    .group_by(Project.id, Member.role)
    .order_by(Project.id),
    row=ProjectRow,
)
_these_projects = any_(bindparam("project_ids", type_=ARRAY(Uuid)))
_by_user = Event.actor_id == bindparam("user_id")
_about_user = Event.subject_id == bindparam("user_id")
_leaving = Event.__table__.alias("leaving")
_of_a_leaving = exists().where(
    _leaving.c.actor_id == bindparam("user_id"),
    _leaving.c.subject_id == bindparam("user_id"),
    _leaving.c.kind == ChangeKind.MEMBER_LEFT,
    _leaving.c.batch_id == Event.batch_id,
)
# In which of them somebody wrote. Coming in, being handed it or handing it on, and going out, with what that leaves
# on tasks, is none: who is drawn into a project and gets out again has taken no part in it. Nor is looking into it.
WROTE_IN = prepare(
    select(Event.project_id)
    .distinct()
    .where(
        _by_user,
        Event.project_id == _these_projects,
        Event.kind != ChangeKind.ADMIN_ACCESS,
        Event.kind != ChangeKind.INVITATION_ACCEPTED,
        Event.kind != ChangeKind.PROJECT_TRANSFERRED,
        ~and_(Event.subject_type == ChangeKind.MEMBER_ADDED.subject, _about_user),
        ~_of_a_leaving,
    ),
    row=One[UUID | None],
)
_seniority = func.array_position(literal_column(f"'{{{','.join(ProjectRole)}}}'::text[]"), Member.role)
# Of each the most senior other member: the highest role, and of several the one who has been in it longest. Somebody
# whose account is disabled only where there is nobody else, and then administrators can enable it.
SUCCESSORS = prepare(
    select(Member.project_id, Member.user_id, Member.role)
    .ext(distinct_on(Member.project_id))
    .join(User, User.id == Member.user_id)
    .where(Member.project_id == _these_projects, Member.user_id != bindparam("user_id"))
    .order_by(Member.project_id, User.is_active.desc(), _seniority.desc(), Member.joined_at, Member.user_id),
    row=SuccessorRow,
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
