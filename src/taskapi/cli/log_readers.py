"""Who follows the change log begins to."""

from taskapi.background import READERS
from taskapi.core.change_log.readers import register
from taskapi.core.change_log.tail import Tail
from taskapi.core.db.database import Database
from taskapi.settings import DatabaseSettings


async def begin(settings: DatabaseSettings) -> None:
    """Notifications, rules and webhooks begin now: what happens before the first worker starts is told as well."""
    database = Database(settings.model_copy(update={"url": settings.session_url, "read_url": None}))
    try:
        await register(database, Tail(), READERS)
    finally:
        await database.dispose()
