"""Every table; imports nothing of ours, so that behaviour above it can be a tree without circles."""

from taskapi.models.api_tokens import ApiToken
from taskapi.models.attachments import Attachment
from taskapi.models.base import Base
from taskapi.models.comments import Comment, CommentReaction, CommentSearch, TaskWatcher
from taskapi.models.consumers import Consumer
from taskapi.models.events import Event
from taskapi.models.feeds import Feed
from taskapi.models.fields import CustomField, FieldType, TaskField
from taskapi.models.idempotency import IdempotentAnswer
from taskapi.models.identities import Identity
from taskapi.models.imports import Import, ImportState, TaskExternalId
from taskapi.models.invitations import Invitation
from taskapi.models.jobs import JobEffect
from taskapi.models.labels import Label
from taskapi.models.log_floor import LogFloor
from taskapi.models.mail_limits import MailLimit
from taskapi.models.notifications import (
    DueNotice,
    EmailChoice,
    Notification,
    NotificationKind,
    NotificationPreferences,
)
from taskapi.models.one_time import OneTimeToken
from taskapi.models.planning import Cycle, Milestone
from taskapi.models.projects import (
    EstimateUnit,
    Member,
    Project,
    ProjectCounter,
    ProjectRole,
    ProjectSearch,
    Status,
    StatusCategory,
)
from taskapi.models.reminders import Reminder
from taskapi.models.rules import Rule, RuleRun
from taskapi.models.seals import Seal, SealedName
from taskapi.models.second_factors import RecoveryCode, SecondFactor
from taskapi.models.share_links import ShareLink
from taskapi.models.structure import ChecklistItem, FormerKey, TaskLink
from taskapi.models.task_templates import TaskTemplate
from taskapi.models.tasks import Priority, Task, TaskAgenda, TaskAssignee, TaskLabel, TaskPlace, TaskRecency, TaskSearch
from taskapi.models.time_entries import TimeEntry
from taskapi.models.users import KnownPlace, Session, SignInLimit, SystemRole, User
from taskapi.models.views import View
from taskapi.models.webhooks import DeliveryStatus, DisabledReason, Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "Attachment",
    "Base",
    "ChecklistItem",
    "Comment",
    "CommentReaction",
    "CommentSearch",
    "Consumer",
    "CustomField",
    "Cycle",
    "DeliveryStatus",
    "DisabledReason",
    "DueNotice",
    "EmailChoice",
    "EstimateUnit",
    "Event",
    "Feed",
    "FieldType",
    "FormerKey",
    "IdempotentAnswer",
    "Identity",
    "Import",
    "ImportState",
    "Invitation",
    "JobEffect",
    "KnownPlace",
    "Label",
    "LogFloor",
    "MailLimit",
    "Member",
    "Milestone",
    "Notification",
    "NotificationKind",
    "NotificationPreferences",
    "OneTimeToken",
    "Priority",
    "Project",
    "ProjectCounter",
    "ProjectRole",
    "ProjectSearch",
    "RecoveryCode",
    "Reminder",
    "Rule",
    "RuleRun",
    "Seal",
    "SealedName",
    "SecondFactor",
    "Session",
    "ShareLink",
    "SignInLimit",
    "Status",
    "StatusCategory",
    "SystemRole",
    "Task",
    "TaskAgenda",
    "TaskAssignee",
    "TaskExternalId",
    "TaskField",
    "TaskLabel",
    "TaskLink",
    "TaskPlace",
    "TaskRecency",
    "TaskSearch",
    "TaskTemplate",
    "TaskWatcher",
    "TimeEntry",
    "User",
    "View",
    "Webhook",
    "WebhookDelivery",
]
