"""Facts about identities, and about accounts that came from one."""

from collections.abc import Mapping
from uuid import UUID

from taskapi.core.change_log.publish import Fact, creation


def user_registered(user_id: UUID, username: str, fields: Mapping[str, object]) -> Fact:
    return Fact("user.registered", "user", user_id, creation(fields), subject_key=username)


def identity_linked(user_id: UUID, username: str, issuer: str) -> Fact:
    """Without the subject: the issuer's name for somebody is nobody else's business."""
    return Fact("user.identity_linked", "user", user_id, {"identity": (None, issuer)}, subject_key=username)
