"""The job that forgets old notifications: sweeps know no settings, jobs do."""

from taskapi.core.db.database import unit_of_work
from taskapi.core.work.jobs import JobContext, JobPriority, job
from taskapi.notifications.inbox import service


@job("notifications.forget", priority=JobPriority.BULK)
async def forget_notifications(context: JobContext) -> None:
    """A step of them in each transaction."""
    more = True
    while more:
        async with unit_of_work(context.database) as session:
            more = await service.forget(session, context.settings.notifications.keep_days)
