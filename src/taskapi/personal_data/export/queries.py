"""What is held about one person, in SQL: parts of rows that are ready lines, in pages by id. No secret is named."""

from collections.abc import Mapping
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, any_, bindparam, literal_column, or_, select

from taskapi.auth.api_tokens.queries import API_TOKEN_FIELDS
from taskapi.auth.identities.queries import IDENTITY_FIELDS
from taskapi.auth.queries import USER_FIELDS
from taskapi.auth.sessions.queries import SESSION_FIELDS
from taskapi.core.db.statements import Expression, Statement, as_json, prepare
from taskapi.models import ApiToken, Event, Identity, Member, Project, Session, Task, User, View
from taskapi.tasks.queries import task_fields
from taskapi.tasks.views.queries import VIEW_FIELDS

PAGE: Final = 200


class Line(TypedDict):
    body: str
    id: UUID
    """What the next page begins after."""


_me: ColumnElement[object] = bindparam("user_id", type_=Uuid)
_SESSION: Final[dict[str, Expression]] = {**SESSION_FIELDS, "ended_at": Session.revoked_at}
_API_TOKEN: Final[dict[str, Expression]] = {**API_TOKEN_FIELDS, "revoked_at": ApiToken.revoked_at}
_MEMBERSHIP: Final[dict[str, Expression]] = {
    "project_id": Project.id,
    "project_key": Project.key,
    "project_name": Project.name,
    "role": Member.role,
    "joined_at": Member.joined_at,
}
_CHANGE: Final[dict[str, Expression]] = {
    "id": Event.id,
    "at": Event.at,
    "kind": Event.kind,
    "actor_id": Event.actor_id,
    "project_id": Event.project_id,
    "subject_type": Event.subject_type,
    "subject_id": Event.subject_id,
    "subject_key": Event.subject_key,
    "changes": Event.changes,
    "batch_id": Event.batch_id,
}


def _lines(fields: Mapping[str, Expression]) -> Select[tuple[str]]:
    return select(as_json(fields).label("body"))


def _part(statement: Select[tuple[str]], identity: Expression) -> Statement[Line]:
    page = statement.add_columns(identity.label("id")).where(identity > bindparam("after", type_=Uuid))
    return prepare(page.order_by(identity).limit(literal_column(str(PAGE), Integer)), row=Line)


_memberships = _lines(_MEMBERSHIP).join(Member, Member.project_id == Project.id).where(Member.user_id == _me)
# Of projects that the user has left, what is written there now is not the user's to take along.
_tasks = (
    _lines(task_fields(Task, Project.key))
    .join(Project, Project.id == Task.project_id)
    .join(Member, Member.project_id == Project.id)
    .where(Member.user_id == _me, or_(Task.created_by == _me, _me == any_(Task.assignee_ids)))
)
_about_me = _lines(_CHANGE).where(Event.subject_id == _me, Event.actor_id.is_distinct_from(_me))

PARTS: Final = {
    "profile": _part(_lines(USER_FIELDS).where(User.id == _me), User.id),
    "sessions": _part(_lines(_SESSION).where(Session.user_id == _me), Session.id),
    "api_tokens": _part(_lines(_API_TOKEN).where(ApiToken.user_id == _me), ApiToken.id),
    "identities": _part(_lines(IDENTITY_FIELDS).where(Identity.user_id == _me), Identity.id),
    "memberships": _part(_memberships, Project.id),
    "tasks": _part(_tasks, Task.id),
    "views": _part(_lines(VIEW_FIELDS).where(View.owner_id == _me), View.id),
    "changes_by_me": _part(_lines(_CHANGE).where(Event.actor_id == _me), Event.id),
    "changes_to_me": _part(_about_me, Event.id),
}
