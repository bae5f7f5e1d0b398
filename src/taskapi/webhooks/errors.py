"""What can go wrong with webhooks."""

from taskapi.core.errors import Conflict, Invalid


class UrlNotAllowed(Invalid):
    """It has to be an https:// address that anybody on the internet reaches; others only where the operator allows."""

    code, title = "url_not_allowed", "No webhook may have this address"
    told_as = "user.address_refused"


class TooManyWebhooks(Conflict):
    """Delete those that nobody needs any more."""

    code, title = "too_many_webhooks", "The project has too many webhooks"


class WebhookDisabled(Conflict):
    """Enable it first: PATCH it with `{"is_active": true}`."""

    code, title = "webhook_disabled", "The webhook is disabled"


class TooManyWaiting(Conflict):
    """Wait until the receiver has taken some of what is to be delivered already."""

    code, title = "too_many_waiting", "Too many deliveries are waiting"
