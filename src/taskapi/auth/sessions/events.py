"""Facts about sessions."""

from collections.abc import Mapping
from uuid import UUID

from taskapi.core.change_log.publish import Fact, creation


def session_started(session_id: UUID, fields: Mapping[str, object]) -> Fact:
    return Fact("session.started", "session", session_id, creation(fields))


def session_ended(session_id: UUID, reason: str) -> Fact:
    return Fact("session.ended", "session", session_id, {"ended": (None, reason)})
