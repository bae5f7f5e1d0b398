"""Facts about share links; never their secrets, of which none is in what they are made from."""

from datetime import datetime
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation
from taskapi.core.resources.document import Fields
from taskapi.core.resources.records import Place


def share_link_created(project: Place, fields: Fields) -> Fact:
    stored = {name: value for name, value in fields.items() if name not in {"active", "last_used_at"}}
    return _about("share_link.created", project, UUID(fields["id"]), creation(stored))


def share_link_opened(project: Place, link_id: UUID, last_used_at: datetime | None) -> Fact:
    return _about("share_link.opened", project, link_id, {"last_used_at": (None, last_used_at)})


def share_link_revoked(project: Place, link_id: UUID) -> Fact:
    return _about("share_link.revoked", project, link_id, {"revoked": (False, True)})


def _about(kind: str, project: Place, link_id: UUID, changes: Changes) -> Fact:
    return Fact(kind, "share_link", link_id, changes, project.project_id, project.key)
