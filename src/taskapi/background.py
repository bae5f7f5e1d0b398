"""The other list: the jobs that workers know, and everything that happens by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from taskapi.auth import jobs as auth
from taskapi.auth.api_tokens import jobs as api_tokens
from taskapi.auth.emails import jobs as emails
from taskapi.auth.recovery import jobs as recovery
from taskapi.core import idempotency, mail, retention
from taskapi.core.db import Database
from taskapi.core.jobs import Job
from taskapi.projects import jobs as projects
from taskapi.projects.invitations import jobs as invitations
from taskapi.tasks.trash import jobs as trash

JOBS: Final[tuple[Job[Any], ...]] = (mail.send_mail, recovery.send_reset_link, emails.resend_verification)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something that happens by itself; however many workers there are, one at a time."""

    name: str
    every: timedelta
    run: Callable[[Database], Awaitable[None]]


SWEEPS: Final = (
    Sweep("idempotent_answers", timedelta(minutes=10), idempotency.sweep),
    Sweep("sign_in_failures", timedelta(minutes=10), auth.forget_failures),
    Sweep("sessions", timedelta(hours=1), auth.forget_sessions),
    Sweep("api_tokens", timedelta(hours=1), api_tokens.forget_tokens),
    Sweep("invitations", timedelta(hours=1), invitations.forget_invitations),
    Sweep("one_time_tokens", timedelta(hours=1), retention.forget_links),
    Sweep("job_log", timedelta(hours=1), retention.forget_job_log),
    Sweep("trashed_tasks", timedelta(hours=1), trash.purge_expired),
    Sweep("trashed_projects", timedelta(hours=1), projects.purge_expired),
)
