"""Telling people what is due, and what they wanted to be reminded of: sweeps, a step of them in each transaction."""

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.notifications.schedules import queries


async def remind(session: DbSession) -> bool:
    """Whether there may be more to send now."""
    return await session.only_value(queries.REMIND, now=utc_now()) == queries.STEP


async def tell_due(session: DbSession) -> bool:
    """Each assignee once that a due date is near, and once that it is past; whether there may be more to tell."""
    return await session.only_value(queries.TELL_DUE, now=utc_now()) == queries.STEP


async def forget_notices(session: DbSession) -> None:
    await session.run(queries.FORGET_NOTICES, now=utc_now())
