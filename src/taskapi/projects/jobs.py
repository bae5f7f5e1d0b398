"""Emptying the trash."""

from taskapi.core.db import Database, unit_of_work
from taskapi.projects import service


async def purge_expired(database: Database) -> None:
    async with unit_of_work(database) as session:
        await service.purge_expired(session)
