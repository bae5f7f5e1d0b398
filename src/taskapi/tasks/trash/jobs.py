"""Emptying the trash."""

from taskapi.core.db import Database, unit_of_work
from taskapi.tasks.trash import service


async def purge_expired(database: Database) -> None:
    purged = 1
    while purged:
        async with unit_of_work(database) as session:
            purged = await service.purge_expired(session)
