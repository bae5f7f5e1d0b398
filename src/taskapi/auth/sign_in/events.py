"""Facts about sign-ins that failed; those that went well are told with their sessions."""

from uuid import UUID

from taskapi.auth.accounts import Device
from taskapi.core.change_log.publish import Fact


def sign_in_failed(user_id: UUID, wrong: str, device: Device) -> Fact:
    """`wrong` is "password" or "code"; nobody is known to have done it, but where from."""
    changes = {"wrong": (None, wrong), "address": (None, device.address), "user_agent": (None, device.user_agent)}
    return Fact("user.sign_in_failed", "user", user_id, changes)
