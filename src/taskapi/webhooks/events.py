"""Facts about webhooks that no change of a webhook tells."""

from uuid import UUID

from taskapi.core.change_log.publish import Fact


def address_refused(webhook_id: UUID, project_id: UUID, key: str, host: str) -> Fact:
    return Fact("webhook.address_refused", "webhook", webhook_id, {"host": (None, host)}, project_id, key)
