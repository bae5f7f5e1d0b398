"""Facts about who is in a project."""

from typing import Any
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact
from taskapi.core.db.statements import Row


def role_changed(project: Row, user_id: UUID, before: str, after: str) -> Fact:
    return _about("member.role_changed", project, user_id, {"role": (before, after)})


def member_removed(project: Row, user_id: UUID, role: str) -> Fact:
    return _about("member.removed", project, user_id, {"user_id": (user_id, None), "role": (role, None)})


def member_left(project: Row, user_id: UUID, role: str) -> Fact:
    return _about("member.left", project, user_id, {"user_id": (user_id, None), "role": (role, None)})


def project_transferred(project: Row, from_user: UUID | None, to_user: UUID) -> Fact:
    changes: dict[str, tuple[Any, Any]] = {"owner_id": (from_user, to_user)}
    return Fact("project.transferred", "project", project["id"], changes, project["id"], project["key"])


def task_unassigned(project: Row, task: Row) -> Fact:
    """What tasks say of any other change of their assignees."""
    changes: dict[str, tuple[Any, Any]] = {"assignee_ids": (task["before"], task["after"])}
    return Fact("task.updated", "task", task["id"], changes, project["id"], f"{project['key']}-{task['number']}")


def _about(kind: str, project: Row, user_id: UUID, changes: Changes) -> Fact:
    return Fact(kind, "member", user_id, changes, project["id"], project["key"])
