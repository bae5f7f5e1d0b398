"""Sending a link to reset a password. A job looks the address up, so that the answer takes as long for every one."""

from taskapi.auth.recovery import service
from taskapi.core.db.database import unit_of_work
from taskapi.core.work.jobs import JobContext, JobPriority, job


@job("password.send_reset_link", priority=JobPriority.URGENT)
async def send_reset_link(context: JobContext, *, email: str) -> None:
    async with unit_of_work(context.database) as session:
        if await context.once(session):
            await service.send_reset_link(session, email)
