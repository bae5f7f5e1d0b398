"""The fact that somebody is gone."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def user_deleted(user_id: UUID) -> Fact:
    """Without what the account held: the log shall not keep what the account had to forget."""
    return Fact("user.deleted", "user", user_id, {"deleted": (False, True)})
