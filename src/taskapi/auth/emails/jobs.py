"""Sending the verification again. A job looks the address up, so that the answer takes as long for every address."""

from taskapi.auth.emails import service
from taskapi.core.db.database import unit_of_work
from taskapi.core.work.jobs import JobContext, JobPriority, job


@job("email.resend_verification", priority=JobPriority.URGENT)
async def resend_verification(context: JobContext, *, email: str) -> None:
    async with unit_of_work(context.database) as session:
        if await context.once(session):
            await service.resend_verification(session, email)
