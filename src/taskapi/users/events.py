"""Facts about accounts."""

from collections.abc import Mapping
from uuid import UUID

from taskapi.core.change_log.publish import Changes, Fact, creation


def user_registered(user_id: UUID, username: str, fields: Mapping[str, object]) -> Fact:
    return Fact("user.registered", "user", user_id, creation(fields), subject_key=username)


def user_updated(user_id: UUID, username: str, changes: Changes) -> Fact:
    return Fact("user.updated", "user", user_id, changes, subject_key=username)
