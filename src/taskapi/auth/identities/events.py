"""The fact that a provider's word opens an account no more."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def identity_unlinked(identity_id: UUID, issuer: str, reason: str) -> Fact:
    return Fact("identity.unlinked", "identity", identity_id, {"unlinked": (None, reason)}, subject_key=issuer)
