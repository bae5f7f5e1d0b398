"""Who may read what the change log tells: a permission where it happened, and a scope for API tokens."""

from dataclasses import dataclass
from typing import Final

from taskapi.core.access.permissions import Permission, Scope, grants
from taskapi.core.callers import Caller
from taskapi.core.change_log.kinds import ChangeKind


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader of a kind needs. Without a scope, no API token reads it."""

    permission: Permission
    scope: Scope | None


# What people sign in with, and what administrators look at, is for those who audit the service.
_AUDIT: Final = Reading(Permission.AUDIT_READ, None)
_OF_FAMILY: Final[dict[str, Reading]] = {
    "task": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "link": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "checklist_item": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "time_entry": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    # Everybody's own: the members of the project are not told.
    "reminder": _AUDIT,
    "comment": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "attachment": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "reaction": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "watcher": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "project": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    "status": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    "label": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    "milestone": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    "cycle": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    "task_template": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    "field": Reading(Permission.PROJECT_READ, Scope.PROJECTS_READ),
    # Those of one person are told to no project, so nobody reads of them there.
    "view": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "rule": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "import": Reading(Permission.TASK_READ, Scope.TASKS_READ),
    "member": Reading(Permission.MEMBER_READ, Scope.MEMBERS_READ),
    "invitation": Reading(Permission.INVITATION_MANAGE, Scope.MEMBERS_READ),
    "share_link": Reading(Permission.SHARE_LINK_MANAGE, Scope.PROJECTS_READ),
    # Who took everything along is for those who decide who may be here.
    "export": Reading(Permission.MEMBER_MANAGE, Scope.MEMBERS_READ),
    "feed": _AUDIT,
    # Its address may hold a secret of the receiver's.
    "webhook": Reading(Permission.WEBHOOK_MANAGE, Scope.WEBHOOKS_READ),
    "user": _AUDIT,
    "session": _AUDIT,
    "api_token": _AUDIT,
    "identity": _AUDIT,
    "admin": _AUDIT,
    "job": Reading(Permission.JOB_MANAGE, None),
}
# Looked up for every kind at import, so that a family without a reader is an error there.
READING: Final[dict[ChangeKind, Reading]] = {kind: _OF_FAMILY[kind.family] for kind in ChangeKind}


def readable_kinds(caller: Caller, role: str) -> list[str]:
    """What somebody of this role in a project may read of what happened there, by this credential."""
    return [
        kind.value
        for kind, needs in READING.items()
        if grants(role, needs.permission) and (caller.scopes is None or needs.scope in caller.scopes)
    ]
