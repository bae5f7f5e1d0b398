"""Facts about invitations. Without the address: the log is read by members who may not see addresses."""

from typing import Any
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation
from taskapi.core.db.statements import Row


def invitation_created(project: Row, fields: dict[str, Any]) -> Fact:
    shown = {name: value for name, value in fields.items() if name != "email"}
    return _about("invitation.created", project["id"], project["key"], UUID(fields["id"]), creation(shown))


def invitation_revoked(project: Row, invitation_id: UUID) -> Fact:
    return _about("invitation.revoked", project["id"], project["key"], invitation_id, {"revoked": (False, True)})


def invitation_accepted(invitation: Row, user_id: UUID) -> Fact:
    changes: Changes = {"accepted_by": (None, user_id)}
    return _about("invitation.accepted", invitation["project_id"], invitation["project_key"], invitation["id"], changes)


def _about(kind: str, project_id: UUID, project_key: str, invitation_id: UUID, changes: Changes) -> Fact:
    return Fact(kind, "invitation", invitation_id, changes, project_id, project_key)
