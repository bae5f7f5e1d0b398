"""Facts about identities, and about accounts that came from one."""

from collections.abc import Mapping
from uuid import UUID

from taskapi.core.change_log.publish import Fact, creation


def user_registered(user_id: UUID, username: str, fields: Mapping[str, object]) -> Fact:
    return Fact("user.registered", "user", user_id, creation(fields), subject_key=username)


def identity_linked(identity_id: UUID, fields: Mapping[str, str]) -> Fact:
    """Without the subject: the issuer's name for somebody is nobody else's business."""
    return Fact("identity.linked", "identity", identity_id, creation(fields), subject_key=fields["issuer"])
