"""Facts about projects and who is in them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation, deletion, difference

# Whose role it is depends on who looks; it is no state of the project.
_OF_THE_VIEWER = "role"


def project_created(project_id: UUID, fields: Mapping[str, Any]) -> Fact:
    return _fact("project.created", project_id, fields["key"], creation(_own(fields)))


def project_changed(kind: str, project_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]) -> Fact:
    """`kind` is project.updated, .archived, .unarchived, .deleted or .restored."""
    return _fact(kind, project_id, after["key"], difference(_own(before), _own(after)))


def project_purged(project_id: UUID, fields: Mapping[str, Any]) -> Fact:
    return _fact("project.purged", project_id, fields["key"], deletion(_own(fields)))


def member_added(project_id: UUID, key: str, user_id: UUID, role: str) -> Fact:
    changes = {"user_id": (None, user_id), "role": (None, role)}
    return Fact("member.added", "member", user_id, changes, project_id, key)


def _own(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != _OF_THE_VIEWER}


def _fact(kind: str, project_id: UUID, key: str, changes: Changes) -> Fact:
    return Fact(kind, "project", project_id, changes, project_id, key)
