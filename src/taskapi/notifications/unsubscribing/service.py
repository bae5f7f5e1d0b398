"""Ending mails by a link; whoever has the mail has the link, and it can do nothing but that."""

from taskapi.core.db.session import DbSession
from taskapi.core.parts import Parts
from taskapi.models import NotificationKind
from taskapi.notifications.preferences import service as preferences
from taskapi.notifications.unsubscribing.links import Unsubscribing


def look_at(parts: Parts, token: str) -> list[NotificationKind]:
    """The kinds that the link would end."""
    return _links(parts).read(token)[1]


async def unsubscribe(session: DbSession, parts: Parts, token: str) -> list[NotificationKind]:
    """As often as one likes; of an account that is gone nothing is left to end."""
    user_id, kinds = _links(parts).read(token)
    await preferences.end_mails(session, user_id, kinds)
    return kinds


def _links(parts: Parts) -> Unsubscribing:
    return Unsubscribing(parts.settings.security.secret_key.get_secret_value())
