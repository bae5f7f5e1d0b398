"""Who may do what: one table from role to permissions, and the scopes that narrow API tokens further.

Services ask for permissions, routes for scopes; nothing else compares roles.
"""

from enum import StrEnum
from typing import Final

from taskapi.core.callers import Caller
from taskapi.core.errors import Forbidden
from taskapi.models import ProjectRole


class Permission(StrEnum):
    """`resource:action`. Roles grant those of a project; administrators of the service have the others."""

    AUDIT_READ = "audit:read"
    COMMENT_MODERATE = "comment:moderate"
    COMMENT_WRITE = "comment:write"
    CYCLE_WRITE = "cycle:write"
    FIELD_WRITE = "field:write"
    INVITATION_MANAGE = "invitation:manage"
    JOB_MANAGE = "job:manage"
    LABEL_WRITE = "label:write"
    MEMBER_MANAGE = "member:manage"
    MEMBER_READ = "member:read"
    MILESTONE_WRITE = "milestone:write"
    PROJECT_DELETE = "project:delete"
    PROJECT_EDIT = "project:edit"
    PROJECT_READ = "project:read"
    PROJECT_TRANSFER = "project:transfer"
    RULE_MANAGE = "rule:manage"
    SHARE_LINK_MANAGE = "share_link:manage"
    STATUS_WRITE = "status:write"
    TASK_PURGE = "task:purge"
    TASK_READ = "task:read"
    TASK_TEMPLATE_WRITE = "task_template:write"
    TASK_WRITE = "task:write"
    TIME_ENTRY_MANAGE = "time_entry:manage"
    USER_MANAGE = "user:manage"
    VIEW_WRITE = "view:write"
    WEBHOOK_MANAGE = "webhook:manage"


class Resource(StrEnum):
    """What API tokens are given access to, each to read or to write."""

    MEMBERS = "members"
    PROJECTS = "projects"
    TASKS = "tasks"
    USERS = "users"
    WEBHOOKS = "webhooks"


class Scope(StrEnum):
    """`resource:verb`. Account, tokens, sessions and administration have none: no API token opens them."""

    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    USERS_READ = "users:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


class InsufficientScope(Forbidden):
    """RFC 6750 §3.1; decided by the route alone, so that it tells nothing of what is behind it."""

    code, title = "insufficient_scope", "The API token lacks a scope"
    told_as = "api_token.scope_denied"


_VIEWER: Final = frozenset({Permission.PROJECT_READ, Permission.MEMBER_READ, Permission.TASK_READ})
_COMMENTER: Final = _VIEWER | {Permission.COMMENT_WRITE}
_EDITOR: Final = _COMMENTER | {
    Permission.CYCLE_WRITE,
    Permission.FIELD_WRITE,
    Permission.LABEL_WRITE,
    Permission.MILESTONE_WRITE,
    Permission.STATUS_WRITE,
    Permission.TASK_TEMPLATE_WRITE,
    Permission.TASK_WRITE,
    Permission.VIEW_WRITE,
}
_ADMIN: Final = _EDITOR | {
    Permission.COMMENT_MODERATE,
    Permission.INVITATION_MANAGE,
    Permission.MEMBER_MANAGE,
    Permission.PROJECT_EDIT,
    Permission.RULE_MANAGE,
    Permission.SHARE_LINK_MANAGE,
    Permission.TASK_PURGE,
    Permission.TIME_ENTRY_MANAGE,
    Permission.WEBHOOK_MANAGE,
}
GRANTS: Final[dict[ProjectRole, frozenset[Permission]]] = {
    ProjectRole.VIEWER: _VIEWER,
    ProjectRole.COMMENTER: _COMMENTER,
    ProjectRole.EDITOR: _EDITOR,
    ProjectRole.ADMIN: _ADMIN,
    ProjectRole.OWNER: _ADMIN | {Permission.PROJECT_DELETE, Permission.PROJECT_TRANSFER},
}
_RANKS: Final = {role: rank for rank, role in enumerate(ProjectRole)}


def require_scope(caller: Caller, scope: Scope | None) -> None:
    """Stop an API token on a route it has no scope for; None: a route for sessions alone."""
    if caller.scopes is None or scope in caller.scopes:
        return
    if scope is None:
        challenge, detail = 'Bearer error="insufficient_scope"', "API tokens cannot do this; sign in instead"
    else:
        challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
        detail = f"This needs an API token with the scope {scope}"
    refusal = InsufficientScope(detail, headers={"WWW-Authenticate": challenge})
    refusal.told_with["needs"] = scope or "session"
    raise refusal


def grants(role: str, permission: Permission) -> bool:
    return permission in GRANTS[ProjectRole(role)]


def require(role: str, permission: Permission) -> None:
    """Stop a member whose role lacks the permission. Who is no member never comes so far: that is a 404."""
    if not grants(role, permission):
        raise Forbidden(f"Your role in this project is {role}; this needs the permission {permission}")


def require_admin(caller: Caller, permission: Permission) -> None:
    if not caller.is_admin:
        raise Forbidden(f"This needs the permission {permission}, which administrators have")


def require_at_most(granted: str, own: str) -> None:
    """Nobody grants above their own role; decided by the caller's role, never by the target's."""
    if _RANKS[ProjectRole(granted)] > _RANKS[ProjectRole(own)]:
        raise Forbidden(
            f"Your role in this project is {own}; granting {granted} needs the permission {Permission.MEMBER_MANAGE} "
            f"as {granted}"
        )


def require_not_above(theirs: str, own: str) -> None:
    """Nobody changes or removes somebody whose role is above their own."""
    if _RANKS[ProjectRole(theirs)] > _RANKS[ProjectRole(own)]:
        raise Forbidden(
            f"Your role in this project is {own}, theirs is {theirs}; this needs the permission "
            f"{Permission.MEMBER_MANAGE} as {theirs}"
        )


def may_invite(own: ProjectRole, granted: ProjectRole) -> bool:
    """Whether somebody of this role may let others in with that one."""
    return Permission.INVITATION_MANAGE in GRANTS[own] and _RANKS[granted] <= _RANKS[own]
