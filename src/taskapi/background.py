"""The other list: everything that happens by itself, and how often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from taskapi.auth import jobs as auth
from taskapi.core import idempotency
from taskapi.core.db import Database
from taskapi.projects import jobs as projects
from taskapi.tasks.trash import jobs as trash


@dataclass(frozen=True, slots=True)
class Sweep:
    name: str
    every: timedelta
    run: Callable[[Database], Awaitable[None]]


SWEEPS = (
    Sweep("idempotent_answers", timedelta(minutes=10), idempotency.sweep),
    Sweep("sign_in_failures", timedelta(minutes=10), auth.forget_failures),
    Sweep("sessions", timedelta(hours=1), auth.forget_sessions),
    Sweep("trashed_tasks", timedelta(hours=1), trash.purge_expired),
    Sweep("trashed_projects", timedelta(hours=1), projects.purge_expired),
)
