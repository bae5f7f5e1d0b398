"""Every column that holds somebody: an account, a name, an address, a device. What becomes of it, and where to read it.

Deletion reads from here whose rows go. A test walks all tables: a column that holds somebody and is not declared here
fails, and so does one of which deletion or the export makes something else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import InstrumentedAttribute

from taskapi.models import (
    ApiToken,
    Comment,
    CommentReaction,
    DueNotice,
    Event,
    IdempotentAnswer,
    Identity,
    Import,
    Invitation,
    KnownPlace,
    MailLimit,
    Member,
    Notification,
    NotificationPreferences,
    OneTimeToken,
    Project,
    RecoveryCode,
    Reminder,
    Rule,
    SecondFactor,
    Session,
    ShareLink,
    SignInLimit,
    Task,
    TaskAgenda,
    TaskAssignee,
    TaskField,
    TaskTemplate,
    TaskWatcher,
    TimeEntry,
    User,
    View,
    Webhook,
)


class Fate(StrEnum):
    """What deleting the account does."""

    ERASES = "erases"
    """The rows go whose column names the account."""
    GOES_ALONG = "goes along"
    """The row goes, by another column of it or of the row that it belongs to."""
    OVERWRITES = "overwrites"
    """The row stays, and names nobody any more."""
    KEEPS = "keeps"
    """Authorship: it names an account, and the account is shown as a deleted user."""
    LEAVES = "leaves"
    """Nothing. It is forgotten by itself, soon, whether or not the account is deleted."""


@dataclass(frozen=True, slots=True)
class Holding:
    column: InstrumentedAttribute[Any]
    fate: Fate
    part: str | None
    """The part of the export that tells it to whom it is about. None: a secret, or nothing that could be read."""

    @property
    def name(self) -> str:
        return f"{self.column.class_.__tablename__}.{self.column.key}"


HOLDINGS: Final = (
    Holding(User.username, Fate.OVERWRITES, "profile"),
    Holding(User.email, Fate.OVERWRITES, "profile"),
    Holding(User.full_name, Fate.OVERWRITES, "profile"),
    Holding(User.password_hash, Fate.OVERWRITES, None),
    Holding(Session.user_id, Fate.ERASES, "sessions"),
    Holding(Session.user_agent, Fate.GOES_ALONG, "sessions"),
    Holding(Session.address, Fate.GOES_ALONG, "sessions"),
    # Hashes; each session tells its address.
    Holding(KnownPlace.user_id, Fate.ERASES, None),
    Holding(ApiToken.user_id, Fate.ERASES, "api_tokens"),
    Holding(ApiToken.name, Fate.GOES_ALONG, "api_tokens"),
    Holding(ApiToken.last_used_address, Fate.GOES_ALONG, "api_tokens"),
    Holding(Identity.user_id, Fate.ERASES, "identities"),
    Holding(Identity.subject, Fate.GOES_ALONG, "identities"),
    Holding(Identity.email, Fate.GOES_ALONG, "identities"),
    Holding(SecondFactor.user_id, Fate.ERASES, None),
    Holding(RecoveryCode.user_id, Fate.GOES_ALONG, None),
    Holding(OneTimeToken.subject_id, Fate.ERASES, None),
    Holding(OneTimeToken.details, Fate.GOES_ALONG, None),
    Holding(IdempotentAnswer.caller, Fate.ERASES, None),
    Holding(IdempotentAnswer.user_id, Fate.ERASES, None),
    # What others were answered may name somebody, too: for a day.
    Holding(IdempotentAnswer.body, Fate.LEAVES, None),
    Holding(Invitation.accepted_by, Fate.ERASES, "changes_by_me"),
    # Of an open invitation it is what the inviter wrote, about an address that may have no account at all.
    Holding(Invitation.email, Fate.GOES_ALONG, None),
    Holding(Invitation.invited_by, Fate.KEEPS, "changes_by_me"),
    Holding(ShareLink.created_by, Fate.KEEPS, "changes_by_me"),
    # Left one by one, each with its fact; but of a project that goes to the trash with its only member.
    Holding(Member.user_id, Fate.ERASES, "memberships"),
    Holding(Project.created_by, Fate.KEEPS, "changes_by_me"),
    # Ids of who does new tasks: of the project, and read there.
    Holding(Project.defaults, Fate.OVERWRITES, None),
    # Likewise, of tasks that are made from templates.
    Holding(TaskTemplate.assignee_ids, Fate.OVERWRITES, None),
    Holding(TaskTemplate.fields, Fate.OVERWRITES, None),
    Holding(Task.created_by, Fate.KEEPS, "tasks"),
    Holding(Task.assignee_ids, Fate.OVERWRITES, "tasks"),
    # A trigger keeps it like the one above.
    Holding(TaskAgenda.user_id, Fate.GOES_ALONG, "tasks"),
    Holding(TaskAssignee.user_id, Fate.GOES_ALONG, "tasks"),
    # The id in what others wrote names a deleted user.
    Holding(Task.mentions, Fate.KEEPS, "tasks"),
    Holding(Reminder.user_id, Fate.ERASES, "reminders"),
    Holding(TimeEntry.user_id, Fate.KEEPS, "time_entries"),
    Holding(Comment.created_by, Fate.KEEPS, "comments"),
    # What others wrote stays as they wrote it; the id in it names a deleted user.
    Holding(Comment.mentions, Fate.KEEPS, "comments"),
    Holding(CommentReaction.user_id, Fate.KEEPS, "reactions"),
    # Ended one by one as the projects are left, each with its fact.
    Holding(TaskWatcher.user_id, Fate.ERASES, "watching"),
    # Custom fields whose values are members; triggers keep the table beside.
    Holding(Task.fields, Fate.OVERWRITES, "tasks"),
    Holding(TaskField.value, Fate.GOES_ALONG, "tasks"),
    # Nobody else ever saw these; what somebody shared is their project's.
    Holding(View.owner_id, Fate.ERASES, "views"),
    Holding(View.created_by, Fate.KEEPS, "changes_by_me"),
    # What it does stays its project's, and is done no more: its owner's rights are gone.
    Holding(Rule.created_by, Fate.KEEPS, "changes_by_me"),
    Holding(Rule.owner_id, Fate.KEEPS, "changes_by_me"),
    Holding(Notification.user_id, Fate.ERASES, "notifications"),
    # Of what others are told; it is in the log, too.
    Holding(Notification.actor_id, Fate.KEEPS, "changes_by_me"),
    Holding(NotificationPreferences.user_id, Fate.ERASES, "notification_preferences"),
    # Which due date of a task they were told of, which is in the inbox; and forgotten by itself.
    Holding(DueNotice.user_id, Fate.ERASES, "notifications"),
    # Parts of a file, which may name somebody, are told of what is wrong in it; and go with the project.
    Holding(Import.created_by, Fate.KEEPS, "changes_by_me"),
    Holding(Webhook.created_by, Fate.KEEPS, "changes_by_me"),
    Holding(Event.actor_id, Fate.KEEPS, "changes_by_me"),
    Holding(Event.subject_id, Fate.KEEPS, "changes_to_me"),
    Holding(Event.subject_key, Fate.OVERWRITES, "changes_to_me"),
    Holding(Event.changes, Fate.KEEPS, "changes_by_me"),
    Holding(SignInLimit.bucket, Fate.LEAVES, None),
    # Ids and digests, for a day: or deleting the account would be a way to mail its address again.
    Holding(MailLimit.bucket, Fate.LEAVES, None),
)
