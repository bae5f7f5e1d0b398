"""Forgetting invitations that ended long ago."""

from taskapi.core.db import Database, unit_of_work
from taskapi.projects.invitations import service


async def forget_invitations(database: Database) -> None:
    async with unit_of_work(database) as session:
        await service.forget_invitations(session)
