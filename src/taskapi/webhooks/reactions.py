"""What webhooks do when they read of changes: each that wants one gets a delivery of it, to be sent at once."""

from collections.abc import Sequence
from typing import Final

from taskapi.core.change_log.readers import LogReader
from taskapi.core.change_log.tail import LoggedChange
from taskapi.core.db.session import DbSession
from taskapi.webhooks.deliveries import service


async def tell_webhooks(session: DbSession, changes: Sequence[LoggedChange]) -> None:
    await service.add_deliveries(session, changes)


READER: Final = LogReader("webhooks", tell_webhooks, passes_over_imports=True)
