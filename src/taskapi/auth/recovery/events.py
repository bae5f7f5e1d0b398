"""Facts about passwords that were set anew."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def password_changed(user_id: UUID, username: str) -> Fact:
    return Fact("user.password_changed", "user", user_id, {}, subject_key=username)


def password_reset_requested(user_id: UUID, username: str) -> Fact:
    """A link goes to the mailbox of the account; whoever asked need not be its owner."""
    return Fact("user.password_reset_requested", "user", user_id, {}, subject_key=username)


def password_reset_link_made(user_id: UUID, username: str) -> Fact:
    """By an administrator, to be handed over."""
    return Fact("user.password_reset_link_made", "user", user_id, {}, subject_key=username)


def password_reset(user_id: UUID, username: str, *, verifies: bool) -> Fact:
    """`verifies`: it has also proven the address, which was not proven before."""
    changes = {"email_verified": (False, True)} if verifies else {}
    return Fact("user.password_reset", "user", user_id, changes, subject_key=username)
