"""The fact that nobody knows the password of an account any more."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def password_dropped(user_id: UUID, username: str) -> Fact:
    return Fact("user.password_dropped", "user", user_id, {}, subject_key=username)
