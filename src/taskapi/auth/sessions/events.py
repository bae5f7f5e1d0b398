"""Facts about sessions."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def session_started(session_id: UUID, user_agent: str | None, address: str | None) -> Fact:
    changes = {"user_agent": (None, user_agent), "address": (None, address)}
    return Fact("session.started", "session", session_id, changes)


def session_ended(session_id: UUID, reason: str) -> Fact:
    return Fact("session.ended", "session", session_id, {"ended": (None, reason)})
