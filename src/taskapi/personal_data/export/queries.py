"""What is held about one person, in SQL: parts of rows that are ready lines, in pages by id. No secret is named."""

from collections.abc import Mapping
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    literal_column,
    or_,
    select,
)

from taskapi.auth.api_tokens.queries import API_TOKEN_FIELDS
from taskapi.auth.identities.queries import IDENTITY_FIELDS
from taskapi.auth.queries import USER_FIELDS
from taskapi.auth.sessions.queries import SESSION_FIELDS
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.db.statements import Expression, Statement, as_json, prepare
from taskapi.models import (
    ApiToken,
    Attachment,
    Comment,
    CommentReaction,
    CustomField,
    Event,
    Feed,
    FieldType,
    Identity,
    Member,
    Notification,
    NotificationPreferences,
    Project,
    Reminder,
    Session,
    Task,
    TaskField,
    TaskWatcher,
    TimeEntry,
    User,
    View,
)
from taskapi.tasks.attachments.queries import ATTACHMENT_FIELDS
from taskapi.tasks.comments.queries import COMMENT_FIELDS
from taskapi.tasks.feeds.queries import FEED_FIELDS
from taskapi.tasks.queries import task_fields
from taskapi.tasks.reminders.queries import REMINDER_FIELDS
from taskapi.tasks.time_entries.queries import TIME_ENTRY_FIELDS
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
    "is_favourite": Member.is_favourite,
    "position": Member.position,
}
_REACTION: Final[dict[str, Expression]] = {
    "comment_id": CommentReaction.comment_id,
    "emoji": CommentReaction.emoji,
    "created_at": CommentReaction.created_at,
}


def _lines(fields: Mapping[str, Expression]) -> Select[tuple[str]]:
    return select(as_json(fields).label("body"))


def _part(statement: Select[tuple[str]], identity: Expression) -> Statement[Line]:
    page = statement.add_columns(identity.label("id")).where(identity > bindparam("after", type_=Uuid))
    return prepare(page.order_by(identity).limit(literal_column(str(PAGE), Integer)), row=Line)


_memberships = _lines(_MEMBERSHIP).join(Member, Member.project_id == Project.id).where(Member.user_id == _me)
# Of projects that the user has left, what is written there now is not the user's to take along.
_names_me = exists().where(
    CustomField.project_id == Task.project_id,
    CustomField.type == FieldType.USER,
    TaskField.project_id == Task.project_id,
    TaskField.field == CustomField.key,
    TaskField.value == cast(_me, Text),
    TaskField.task_id == Task.id,
)
_tasks = (
    _lines(task_fields(Task, Project.key))
    .join(Project, Project.id == Task.project_id)
    .join(Member, Member.project_id == Project.id)
    .where(
        Member.user_id == _me,
        or_(Task.created_by == _me, _me == any_(Task.assignee_ids), _me == any_(Task.mentions), _names_me),
    )
)
_in_my_projects = and_(Member.project_id == Task.project_id, Member.user_id == _me)
_comments = (
    _lines({**COMMENT_FIELDS, "task_key": Project.key + "-" + cast(Task.number, Text)})
    .join(Task, Task.id == Comment.task_id)
    .join(Project, Project.id == Task.project_id)
    .join(Member, _in_my_projects)
    .where(or_(Comment.created_by == _me, _me == any_(Comment.mentions)))
)
_attachments = (
    _lines({**ATTACHMENT_FIELDS, "task_key": Project.key + "-" + cast(Task.number, Text)})
    .join(Task, Task.id == Attachment.task_id)
    .join(Project, Project.id == Task.project_id)
    .join(Member, _in_my_projects)
    .where(Attachment.created_by == _me)
)
_reactions = (
    _lines(_REACTION)
    .join(Comment, Comment.id == CommentReaction.comment_id)
    .join(Task, Task.id == Comment.task_id)
    .join(Member, _in_my_projects)
    .where(CommentReaction.user_id == _me)
)
_watching = (
    _lines({"task_id": TaskWatcher.task_id, "watching": TaskWatcher.watching})
    .join(Task, Task.id == TaskWatcher.task_id)
    .join(Member, _in_my_projects)
    .where(TaskWatcher.user_id == _me)
)
# Without what the things are called: some of them are not theirs to see any more.
_NOTIFICATION: Final[dict[str, Expression]] = {
    "id": Notification.id,
    "kind": Notification.kind,
    "task_id": Notification.task_id,
    "project_id": Notification.project_id,
    "comment_id": Notification.comment_id,
    "actor_id": Notification.actor_id,
    "created_at": Notification.created_at,
    "read_at": Notification.read_at,
}
_own = NotificationPreferences
_PREFERENCES: Final[dict[str, Expression]] = {
    "kinds": _own.kinds,
    "quiet_from": cast(_own.quiet_from, Text),
    "quiet_to": cast(_own.quiet_to, Text),
    "digest_hour": _own.daily_hour,
}
_about_me = _lines(CHANGE_FIELDS).where(Event.subject_id == _me, Event.actor_id.is_distinct_from(_me))

PARTS: Final = {
    "profile": _part(_lines(USER_FIELDS).where(User.id == _me), User.id),
    "sessions": _part(_lines(_SESSION).where(Session.user_id == _me), Session.id),
    "api_tokens": _part(_lines(_API_TOKEN).where(ApiToken.user_id == _me), ApiToken.id),
    "identities": _part(_lines(IDENTITY_FIELDS).where(Identity.user_id == _me), Identity.id),
    "memberships": _part(_memberships, Project.id),
    "tasks": _part(_tasks, Task.id),
    "reminders": _part(_lines(REMINDER_FIELDS).where(Reminder.user_id == _me), Reminder.id),
    "time_entries": _part(_lines(TIME_ENTRY_FIELDS).where(TimeEntry.user_id == _me), TimeEntry.id),
    "comments": _part(_comments, Comment.id),
    "attachments": _part(_attachments, Attachment.id),
    "reactions": _part(_reactions, CommentReaction.id),
    "watching": _part(_watching, TaskWatcher.id),
    "notifications": _part(_lines(_NOTIFICATION).where(Notification.user_id == _me), Notification.id),
    "notification_preferences": _part(_lines(_PREFERENCES).where(_own.user_id == _me), _own.user_id),
    "feeds": _part(_lines(FEED_FIELDS).where(Feed.user_id == _me), Feed.id),
    "views": _part(_lines(VIEW_FIELDS).where(View.owner_id == _me), View.id),
    "changes_by_me": _part(_lines(CHANGE_FIELDS).where(Event.actor_id == _me), Event.id),
    "changes_to_me": _part(_about_me, Event.id),
}
