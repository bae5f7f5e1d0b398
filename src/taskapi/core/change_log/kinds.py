"""The closed list of what can happen. `publish` refuses any other kind, so that readers can rely on the list.

A kind says what happened, in the past tense, and never through which route. A new one is a line here; who may read it
follows from the word before its dot (core/access/reading.py).
"""

from enum import StrEnum
from typing import Self


class Described(StrEnum):
    """Names, each with what it means."""

    description: str

    # The default is for type checkers: `ChangeKind("task.created")` looks a kind up and calls this for none.
    def __new__(cls, name: str, description: str = "") -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.description = description
        return member


class ChangeKind(Described):
    """What happened, whichever way it was done."""

    @property
    def family(self) -> str:
        """What reads and rights go by: the word before the dot."""
        return self.partition(".")[0]

    @property
    def subject(self) -> str:
        """The type of thing that `subject_id` names."""
        return "project" if self is ChangeKind.ADMIN_ACCESS else self.family

    TASK_CREATED = "task.created", "A task was made"
    TASK_UPDATED = "task.updated", "Fields of a task changed: neither its place alone, nor whether it is closed"
    TASK_MOVED = "task.moved", "A task changed its project, or nothing but its status and rank"
    TASK_LEFT = "task.left", "A task moved to another project; told to those who follow the one it left"
    TASK_COMPLETED = "task.completed", "A task entered a status of the category done or cancelled"
    TASK_REOPENED = "task.reopened", "A closed task entered an open status"
    TASK_DELETED = "task.deleted", "A task was put into the trash"
    TASK_RESTORED = "task.restored", "A task came back from the trash"
    TASK_PURGED = "task.purged", "A task is gone for good"

    LINK_CREATED = "link.created", "Two tasks were linked; told in the project of each"
    LINK_DELETED = "link.deleted", "A link between two tasks is gone; told in the project of each"

    CHECKLIST_ITEM_CREATED = "checklist_item.created", "A task's checklist got an item"
    CHECKLIST_ITEM_UPDATED = "checklist_item.updated", "An item of a checklist changed"
    CHECKLIST_ITEM_DELETED = "checklist_item.deleted", "An item of a checklist is gone, or became a subtask"
    REMINDER_CREATED = "reminder.created", "Somebody wants to be reminded of a task"
    REMINDER_UPDATED = "reminder.updated", "A reminder went along to the task that its own was merged into"
    REMINDER_DELETED = "reminder.deleted", "A reminder was taken back, or its owner left the project"

    TIME_ENTRY_CREATED = "time_entry.created", "Somebody worked on a task, or started a timer"
    TIME_ENTRY_UPDATED = "time_entry.updated", "A time entry changed, went to another task, or its timer was stopped"
    TIME_ENTRY_DELETED = "time_entry.deleted", "A time entry is gone"
    COMMENT_CREATED = "comment.created", "Somebody commented on a task"
    COMMENT_UPDATED = "comment.updated", "A comment was edited, or went to another task"
    COMMENT_DELETED = "comment.deleted", "A comment is gone"

    ATTACHMENT_CREATED = "attachment.created", "A file was attached to a task"
    ATTACHMENT_UPDATED = "attachment.updated", "A file has another name, or went to another task"
    ATTACHMENT_DELETED = "attachment.deleted", "A file is gone from its task"

    REACTION_ADDED = "reaction.added", "Somebody put an emoji under a comment"
    REACTION_REMOVED = "reaction.removed", "An emoji under a comment is gone"

    WATCHER_ADDED = "watcher.added", "Somebody chose to hear of a task"
    WATCHER_REMOVED = "watcher.removed", "Somebody chose to hear of a task no more, or has left its project"

    PROJECT_CREATED = "project.created", "A project was made"
    PROJECT_UPDATED = "project.updated", "Fields of a project changed"
    PROJECT_ARCHIVED = "project.archived", "A project was archived: it can be read, and not written"
    PROJECT_UNARCHIVED = "project.unarchived", "An archived project can be written again"
    PROJECT_TRANSFERRED = "project.transferred", "An owner handed a project to another member"
    PROJECT_DELETED = "project.deleted", "A project was put into the trash"
    PROJECT_RESTORED = "project.restored", "A project came back from the trash"
    PROJECT_PURGED = "project.purged", "A project is gone for good, with all that was in it"

    STATUS_CREATED = "status.created", "A project got a status"
    STATUS_UPDATED = "status.updated", "A status changed"
    STATUS_DELETED = "status.deleted", "A status is gone"

    LABEL_CREATED = "label.created", "A project got a label"
    LABEL_UPDATED = "label.updated", "A label changed"
    LABEL_DELETED = "label.deleted", "A label is gone"

    MILESTONE_CREATED = "milestone.created", "A project got a milestone"
    MILESTONE_UPDATED = "milestone.updated", "A milestone changed, or was closed or opened again"
    MILESTONE_DELETED = "milestone.deleted", "A milestone is gone"

    CYCLE_CREATED = "cycle.created", "A project got a cycle"
    CYCLE_UPDATED = "cycle.updated", "A cycle changed"
    CYCLE_DELETED = "cycle.deleted", "A cycle is gone"
    FIELD_CREATED = "field.created", "A project got a custom field"
    FIELD_UPDATED = "field.updated", "A custom field changed"
    FIELD_DELETED = "field.deleted", "A custom field is gone, and the values that tasks had for it"
    TASK_TEMPLATE_CREATED = "task_template.created", "A project got a template of tasks"
    TASK_TEMPLATE_UPDATED = (
        "task_template.updated",
        "A template of tasks changed, or lost what went from its project",
    )
    TASK_TEMPLATE_DELETED = "task_template.deleted", "A template of tasks is gone; what was made from it stays"
    VIEW_CREATED = "view.created", "A view was saved"
    VIEW_UPDATED = "view.updated", "A view changed, or was shared, or taken back"
    VIEW_DELETED = "view.deleted", "A view is gone"

    RULE_CREATED = "rule.created", "A project got a rule"
    RULE_UPDATED = "rule.updated", "A rule changed, or belongs to somebody else"
    RULE_DELETED = "rule.deleted", "A rule is gone"

    MEMBER_ADDED = "member.added", "Somebody became a member of a project"
    MEMBER_ROLE_CHANGED = "member.role_changed", "A member has another role"
    MEMBER_CAPACITY_CHANGED = "member.capacity_changed", "What a member can do in a week is another, or not known"
    MEMBER_REMOVED = "member.removed", "A member was removed from a project"
    MEMBER_LEFT = "member.left", "A member left a project"

    IMPORT_CREATED = "import.created", "Somebody wants a file to be imported"
    IMPORT_FINISHED = "import.finished", "An import is done, has failed, or was cancelled"

    INVITATION_CREATED = "invitation.created", "Somebody was invited to a project"
    INVITATION_REVOKED = "invitation.revoked", "An invitation was taken back, or replaced by a newer one"
    INVITATION_ACCEPTED = "invitation.accepted", "An invitation was accepted"

    EXPORT_MADE = "export.made", "Somebody took a project out, as it was then"

    FEED_CREATED = "feed.created", "Somebody made a calendar feed of tasks"
    FEED_DELETED = "feed.deleted", "A calendar feed was taken back"

    SHARE_LINK_CREATED = "share_link.created", "A link that shows a project was made"
    SHARE_LINK_OPENED = "share_link.opened", "A share link was opened; told once a day"
    SHARE_LINK_REVOKED = "share_link.revoked", "A share link was revoked"

    WEBHOOK_CREATED = "webhook.created", "A project got a webhook"
    WEBHOOK_UPDATED = "webhook.updated", "A webhook changed, was enabled again, or got a new secret"
    WEBHOOK_DISABLED = "webhook.disabled", "A webhook was disabled: by an admin, or because its receiver fails"
    WEBHOOK_ADDRESS_REFUSED = (
        "webhook.address_refused",
        "Nothing was sent to a webhook, for its address does not lead to the internet by now; told once an hour",
    )
    WEBHOOK_DELETED = "webhook.deleted", "A webhook is gone"

    USER_REGISTERED = "user.registered", "An account was made"
    USER_SIGN_IN_FAILED = (
        "user.sign_in_failed",
        "Somebody gave a wrong password or code for an account; told once in a quarter of an hour",
    )
    USER_SIGN_IN_THROTTLED = (
        "user.sign_in_throttled",
        "There were too many failed sign-ins for an account, or from an address, for another; counted by the minute",
    )
    USER_THROTTLED = "user.throttled", "Somebody sent more requests than they may; told once a minute"
    USER_ACCESS_DENIED = (
        "user.access_denied",
        "Somebody was refused what their role, or the service, does not let them do; counted by the minute",
    )
    USER_UPLOAD_REFUSED = "user.upload_refused", "Somebody's file was refused; counted by the minute"
    USER_ADDRESS_REFUSED = (
        "user.address_refused",
        "Somebody gave a webhook an address that it may not have; counted by the minute",
    )
    USER_UPDATED = "user.updated", "The profile, the role or the state of an account changed"
    USER_DELETED = "user.deleted", "An account was deleted, with all that its owner signed in with"
    USER_EMAIL_VERIFIED = "user.email_verified", "An account proved its e-mail address"
    USER_EMAIL_CHANGE_REQUESTED = "user.email_change_requested", "A new e-mail address was given, to be confirmed"
    USER_EMAIL_CHANGED = "user.email_changed", "The new mailbox confirmed the change of an e-mail address"
    USER_EMAIL_CHANGE_UNDONE = "user.email_change_undone", "The old mailbox stopped the change of an e-mail address"
    USER_PASSWORD_CHANGED = "user.password_changed", "A password was changed by who knew the old one"
    USER_PASSWORD_RESET = "user.password_reset", "A password was set by a link"
    USER_PASSWORD_RESET_REQUESTED = "user.password_reset_requested", "A link to set a password was mailed to an account"
    USER_PASSWORD_RESET_LINK_MADE = "user.password_reset_link_made", "An administrator made a link to set a password"
    USER_PASSWORD_DROPPED = "user.password_dropped", "A password ended: who set it had not proven the e-mail address"
    USER_TOTP_ENABLED = "user.totp_enabled", "Sign-ins ask for the code of an authenticator app from now on"
    USER_TOTP_DISABLED = "user.totp_disabled", "Sign-ins ask for no code of an authenticator app any more"
    USER_RECOVERY_CODES_RENEWED = "user.recovery_codes_renewed", "Recovery codes were made; the older ones are void"

    SESSION_STARTED = "session.started", "Somebody signed in"
    SESSION_ENDED = "session.ended", "A session was ended before it expired"

    API_TOKEN_CREATED = "api_token.created", "An API token was made"
    API_TOKEN_FIRST_USED = "api_token.first_used", "An API token was used for the first time"
    API_TOKEN_SCOPE_DENIED = (
        "api_token.scope_denied",
        "An API token was refused what its scopes do not open; counted by the minute",
    )
    API_TOKEN_REVOKED = "api_token.revoked", "An API token was revoked"

    IDENTITY_LINKED = "identity.linked", "An account can be opened by an OpenID provider's word"
    IDENTITY_UNLINKED = "identity.unlinked", "A provider's word opens an account no more"

    ADMIN_ACCESS = "admin.access", "An administrator opened a project without being a member of it"

    JOB_RETRIED = "job.retried", "An administrator put a failed job back into the queue"
    JOB_DISCARDED = "job.discarded", "An administrator discarded a job"

    BACKUP_RESTORED = "backup.restored", "The service went back to what a backup held; what came after it is lost"
