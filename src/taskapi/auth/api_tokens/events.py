"""Facts about personal API tokens; the secret is in none of them."""

from collections.abc import Mapping
from uuid import UUID

from taskapi.core.change_log.publish import Fact, creation

_OF_ITS_USE = {"last_used_at", "last_used_address"}


def api_token_created(token_id: UUID, user_id: UUID, name: str, fields: Mapping[str, object]) -> Fact:
    given = {"user_id": user_id, **{key: value for key, value in fields.items() if key not in _OF_ITS_USE}}
    return Fact("api_token.created", "api_token", token_id, creation(given), subject_key=name)


def api_token_revoked(token_id: UUID, name: str, reason: str) -> Fact:
    return Fact("api_token.revoked", "api_token", token_id, {"revoked": (None, reason)}, subject_key=name)
