"""Facts about sign-ins, and about what people sign in with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation


def session_started(session_id: UUID, fields: Mapping[str, Any]) -> Fact:
    return Fact("session.started", "session", session_id, creation(fields))


def session_ended(session_id: UUID, reason: str) -> Fact:
    return Fact("session.ended", "session", session_id, {"ended": (None, reason)})


def password_changed(user_id: UUID, username: str) -> Fact:
    return Fact("user.password_changed", "user", user_id, {}, subject_key=username)


def password_reset_link_made(user_id: UUID, username: str) -> Fact:
    """By an administrator, to be handed over; one that is mailed is no event."""
    return Fact("user.password_reset_link_made", "user", user_id, {}, subject_key=username)


def password_reset(user_id: UUID, username: str, *, verifies: bool) -> Fact:
    """`verifies`: it has also proven the address, which was not proven before."""
    changes = {"email_verified": (False, True)} if verifies else {}
    return Fact("user.password_reset", "user", user_id, changes, subject_key=username)


def password_dropped(user_id: UUID, username: str) -> Fact:
    return Fact("user.password_dropped", "user", user_id, {}, subject_key=username)


def email_verified(user_id: UUID, username: str) -> Fact:
    return Fact("user.email_verified", "user", user_id, {"email_verified": (False, True)}, subject_key=username)


def email_change_requested(user_id: UUID, username: str) -> Fact:
    """Without the address: it is not the user's until it is confirmed."""
    return Fact("user.email_change_requested", "user", user_id, {}, subject_key=username)


def email_changed(kind: str, user_id: UUID, username: str, changes: Changes) -> Fact:
    """`kind` is user.email_changed or user.email_change_undone."""
    return Fact(kind, "user", user_id, changes, subject_key=username)


def totp_enabled(user_id: UUID, username: str) -> Fact:
    return Fact("user.totp_enabled", "user", user_id, {"totp": (False, True)}, subject_key=username)


def totp_disabled(user_id: UUID, username: str) -> Fact:
    return Fact("user.totp_disabled", "user", user_id, {"totp": (True, False)}, subject_key=username)


def recovery_codes_renewed(user_id: UUID, username: str) -> Fact:
    return Fact("user.recovery_codes_renewed", "user", user_id, {}, subject_key=username)
