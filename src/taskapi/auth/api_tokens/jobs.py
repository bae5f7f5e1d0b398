"""Forgetting API tokens that expired or were revoked long ago."""

from taskapi.auth.api_tokens import service
from taskapi.core.db import Database, unit_of_work


async def forget_tokens(database: Database) -> None:
    async with unit_of_work(database) as session:
        await service.forget_tokens(session)
