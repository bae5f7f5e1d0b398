"""The other list: the jobs that workers know, and everything that happens by itself."""

from typing import Any, Final

from taskapi.auth import jobs as auth
from taskapi.auth.api_tokens import jobs as api_tokens
from taskapi.auth.emails import jobs as emails
from taskapi.auth.recovery import jobs as recovery
from taskapi.core import idempotency, mail, retention
from taskapi.core.jobs import Job, Schedule
from taskapi.projects import jobs as projects
from taskapi.projects.invitations import jobs as invitations
from taskapi.tasks.trash import jobs as trash

JOBS: Final[tuple[Job[Any], ...]] = (mail.send_mail, recovery.send_reset_link, emails.resend_verification)

SCHEDULES: Final = (
    Schedule("idempotent_answers.forget", "*/10 * * * *", idempotency.sweep),
    Schedule("sign_in_failures.forget", "*/10 * * * *", auth.forget_failures),
    Schedule("sessions.forget", "5 * * * *", auth.forget_sessions),
    Schedule("api_tokens.forget", "7 * * * *", api_tokens.forget_tokens),
    Schedule("invitations.forget", "8 * * * *", invitations.forget_invitations),
    Schedule("one_time_tokens.forget", "10 * * * *", retention.forget_links),
    Schedule("job_log.forget", "15 * * * *", retention.forget_job_log),
    Schedule("trashed_tasks.purge", "20 * * * *", trash.purge_expired),
    Schedule("trashed_projects.purge", "25 * * * *", projects.purge_expired),
)
