"""Facts about what callers come with."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def api_token_first_used(token_id: UUID, address: str | None) -> Fact:
    return Fact("api_token.first_used", "api_token", token_id, {"address": (None, address)})
