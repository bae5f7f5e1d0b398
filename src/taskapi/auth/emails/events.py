"""Facts about the address of an account."""

from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact


def email_verified(user_id: UUID, username: str) -> Fact:
    return Fact("user.email_verified", "user", user_id, {"email_verified": (False, True)}, subject_key=username)


def email_change_requested(user_id: UUID, username: str) -> Fact:
    """Without the address: it is not the user's until it is confirmed."""
    return Fact("user.email_change_requested", "user", user_id, {}, subject_key=username)


def email_changed(kind: str, user_id: UUID, username: str, changes: Changes) -> Fact:
    """`kind` is user.email_changed or user.email_change_undone."""
    return Fact(kind, "user", user_id, changes, subject_key=username)
