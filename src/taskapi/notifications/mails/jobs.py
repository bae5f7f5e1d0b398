"""The job that sends a mail of notifications."""

from datetime import timedelta
from uuid import UUID

from taskapi.core.work.jobs import JobContext, job
from taskapi.notifications.mails import delivery


# A mail server may be away for two days; once it is back, mails are sent within the longest pause.
@job("notifications.mail", attempts=300, longest_pause=timedelta(minutes=10))
async def send_notifications(context: JobContext, *, user_id: UUID, mail_id: UUID) -> None:
    """One mail to one person: of what happened in a task, or of a day."""
    await delivery.deliver(context, user_id, mail_id)
