"""Facts about invitations. Without the address: the log is read by members who may not see addresses."""

from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation
from taskapi.core.resources.document import Fields
from taskapi.core.resources.records import Place


def invitation_created(project: Place, fields: Fields) -> Fact:
    shown = {name: value for name, value in fields.items() if name != "email"}
    return _about("invitation.created", project, UUID(fields["id"]), creation(shown))


def invitation_revoked(project: Place, invitation_id: UUID) -> Fact:
    return _about("invitation.revoked", project, invitation_id, {"revoked": (False, True)})


def invitation_accepted(project: Place, invitation_id: UUID, user_id: UUID) -> Fact:
    return _about("invitation.accepted", project, invitation_id, {"accepted_by": (None, user_id)})


def _about(kind: str, project: Place, invitation_id: UUID, changes: Changes) -> Fact:
    return Fact(kind, "invitation", invitation_id, changes, project.project_id, project.key)
