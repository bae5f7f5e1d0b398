"""Facts about projects and who is in them. Those about statuses and labels are made with their records."""

from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion, difference
from taskapi.core.resources.document import Fields
from taskapi.core.resources.records import Place

# Whose role and favourite it is depends on who looks; these are no state of the project.
_OF_THE_VIEWER = frozenset({"role", "is_favourite"})


def project_created(project_id: UUID, fields: Fields) -> Fact:
    return _fact("project.created", project_id, fields["key"], creation(_own(fields)))


def project_changed(kind: str, project_id: UUID, before: Fields, after: Fields) -> Fact:
    """`kind` is project.updated, .archived, .unarchived, .deleted or .restored."""
    return _fact(kind, project_id, after["key"], difference(_own(before), _own(after)))


def project_purged(project_id: UUID, fields: Fields) -> Fact:
    return _fact("project.purged", project_id, fields["key"], deletion(_own(fields)))


def project_transferred(project: Place, from_user: UUID | None, to_user: UUID) -> Fact:
    return _fact("project.transferred", project.id, project.key, {"owner_id": (from_user, to_user)})


def member_added(project: Place, user_id: UUID, role: str) -> Fact:
    return _member("member.added", project, user_id, creation(_standing(user_id, role, None)))


def role_changed(project: Place, user_id: UUID, before: str, after: str) -> Fact:
    return _member("member.role_changed", project, user_id, {"role": (before, after)})


def capacity_changed(project: Place, user_id: UUID, before: float | None, after: float | None) -> Fact:
    return _member("member.capacity_changed", project, user_id, {"weekly_capacity": (before, after)})


def member_removed(project: Place, user_id: UUID, role: str, capacity: float | None) -> Fact:
    return _member("member.removed", project, user_id, deletion(_standing(user_id, role, capacity)))


def member_left(project: Place, user_id: UUID, role: str, capacity: float | None) -> Fact:
    return _member("member.left", project, user_id, deletion(_standing(user_id, role, capacity)))


def _standing(user_id: UUID, role: str, capacity: float | None) -> Fields:
    return {"user_id": user_id, "role": role, "weekly_capacity": capacity}


def _own(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name not in _OF_THE_VIEWER}


def _fact(kind: str, project_id: UUID, key: str | None, changes: Changes) -> Fact:
    return Fact(kind, "project", project_id, changes, project_id, key)


def _member(kind: str, project: Place, user_id: UUID, changes: Changes) -> Fact:
    return Fact(kind, "member", user_id, changes, project.project_id, project.key)
