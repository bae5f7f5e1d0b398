"""Invitations in SQL. The project has been loaded with the caller before, but where a link opens one."""

from datetime import datetime
from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    any_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from taskapi.core.access.permissions import may_invite
from taskapi.core.db.statements import Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Invitation, Member, Project, ProjectRole, SystemRole, User
from taskapi.projects.queries import Archivable


class SituationRow(TypedDict):
    """What speaks for and against one more invitation."""

    sender: str
    sender_verified: bool
    is_own: bool
    """The sender is in the project, and the address is theirs."""
    pending: int


class ReplacedRow(TypedDict):
    id: UUID


class RevokedRow(TypedDict):
    """An invitation that lets nobody in any more, and where to it was."""

    id: UUID
    project_id: UUID
    key: str


class OpenedRow(Archivable):
    """An open invitation, with the project that it is to."""

    id: UUID
    project_id: UUID
    project_key: str
    email: str
    role: str
    created_at: datetime


_BODY = as_json(
    {
        "id": Invitation.id,
        "email": Invitation.email,
        "role": Invitation.role,
        "invited_by": Invitation.invited_by,
        "created_at": Invitation.created_at,
        "expires_at": Invitation.expires_at,
        "version": Invitation.version,
    }
).label("body")

_of_project = Invitation.project_id == bindparam("project_id")
_unanswered = and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
_pairs = ",".join(f"{own}:{granted}" for own in ProjectRole for granted in ProjectRole if may_invite(own, granted))
_PAIRS: Final[ColumnElement[object]] = literal_column(f"'{{{_pairs}}}'::text[]")
_inviter, _inviting = User.__table__.alias("inviter"), Member.__table__.alias("inviting")
# A scalar, and no EXISTS, which the planner may answer by hashing the whole table.
_inviters_role = (
    select(_inviting.c.role)
    .where(_inviting.c.project_id == Invitation.project_id, _inviting.c.user_id == _inviter.c.id)
    .correlate(Invitation, _inviter)
    .scalar_subquery()
)
# An invitation is the word of whoever sent it, and as good as theirs is now: it dies with their account, their
# membership, or a role from which they could not send it today.
_stands = (
    exists()
    .where(
        _inviter.c.id == Invitation.invited_by,
        _inviter.c.is_active,
        or_(
            _inviter.c.role == SystemRole.ADMIN,
            (_inviters_role + literal_column("':'") + Invitation.role) == any_(_PAIRS),
        ),
    )
    .correlate(Invitation)
)
_opens = and_(_unanswered, Invitation.expires_at > bindparam("now"), _stands)

CREATE = prepare(
    insert(Invitation).returning(_BODY, Invitation.version),
    "id",
    "project_id",
    "email",
    "role",
    "invited_by",
    "created_at",
    "expires_at",
    row=Versioned,
)
_sender = User.__table__.alias("sender")
SITUATION = prepare(
    select(
        func.coalesce(_sender.c.full_name, _sender.c.username).label("sender"),
        _sender.c.email_verified.label("sender_verified"),
        and_(
            _sender.c.email == bindparam("email"),
            exists().where(Member.project_id == bindparam("project_id"), Member.user_id == _sender.c.id),
        ).label("is_own"),
        select(func.count()).where(_of_project, _opens).scalar_subquery().label("pending"),
    ).where(_sender.c.id == bindparam("caller_id")),
    row=SituationRow,
)
_close = (
    update(Invitation)
    .where(Invitation.project_id == bindparam("of_project"), _unanswered)
    .values(revoked_at=bindparam("now"), version=Invitation.version + 1)
)
REPLACE = prepare(_close.where(Invitation.email == bindparam("of_email")).returning(Invitation.id), row=ReplacedRow)
REVOKE = prepare(_close.where(Invitation.id == bindparam("invitation_id")))
REVOKE_SENT_BY = prepare(
    update(Invitation)
    .where(
        Invitation.invited_by == bindparam("of_user"),
        Invitation.created_at >= bindparam("since"),
        _unanswered,
        Project.id == Invitation.project_id,
    )
    .values(revoked_at=bindparam("now"), version=Invitation.version + 1)
    .returning(Invitation.id, Invitation.project_id, Project.key),
    row=RevokedRow,
)
OPENED = prepare(
    select(
        Invitation.id,
        Invitation.project_id,
        Invitation.email,
        Invitation.role,
        Invitation.created_at,
        Project.key.label("project_key"),
        Project.archived_at,
    )
    .join(Project, and_(Project.id == Invitation.project_id, Project.deleted_at.is_(None)))
    .where(Invitation.id == bindparam("invitation_id"), _opens)
    .with_for_update(key_share=True, of=Invitation),
    row=OpenedRow,
)
ACCEPT = prepare(
    update(Invitation)
    .where(Invitation.id == bindparam("invitation_id"))
    .values(accepted_at=bindparam("now"), version=Invitation.version + 1),
    "accepted_by",
)
FORGET = prepare(delete(Invitation).where(Invitation.expires_at < bindparam("before")))

_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(Invitation.created_at)}, Invitation.id
)
_pending = and_(_of_project, _opens)
COUNT = count_statement(select(Invitation.id).where(_pending))
_one = select(_BODY, Invitation.version).where(_of_project, Invitation.id == bindparam("invitation_id"))
ONE = prepare(_one.where(_opens), row=Versioned)
# One that would not open the project any more can still be taken back.
UNANSWERED = prepare(_one.where(_unanswered).with_for_update(of=Invitation, key_share=True), row=Versioned)


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[PageRow]:
    return page_statement(select(_BODY).where(_pending), _newest_first, limit, continues=continues)
