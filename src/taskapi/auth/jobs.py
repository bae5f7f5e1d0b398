"""Forgetting sign-ins that ended long ago, and counters of failures whose window is over."""

from taskapi.auth import service, sign_in_limits
from taskapi.core.db import Database, unit_of_work


async def forget_sessions(database: Database) -> None:
    async with unit_of_work(database) as session:
        await service.forget_sessions(session)


async def forget_failures(database: Database) -> None:
    async with unit_of_work(database) as session:
        await sign_in_limits.sweep(session)
