"""Facts about authenticator apps and recovery codes."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def totp_enabled(user_id: UUID, username: str) -> Fact:
    return Fact("user.totp_enabled", "user", user_id, {"totp": (False, True)}, subject_key=username)


def totp_disabled(user_id: UUID, username: str) -> Fact:
    return Fact("user.totp_disabled", "user", user_id, {"totp": (True, False)}, subject_key=username)


def recovery_codes_renewed(user_id: UUID, username: str) -> Fact:
    return Fact("user.recovery_codes_renewed", "user", user_id, {}, subject_key=username)
