"""Forgetting what the job engine keeps: its log, which it never prunes, and the notes of effects."""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, column, delete, table

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.core.work import jobs
from taskapi.models import JobEffect

_KEPT: Final = timedelta(days=7)
_log = table("pgqueuer_log", column("created"), schema=jobs.SCHEMA)
_FORGET_LOG = prepare(delete(_log).where(_log.c.created < bindparam("before")))
_FORGET_EFFECTS = prepare(delete(JobEffect).where(JobEffect.done_at < bindparam("before")))


async def forget_job_log(session: DbSession) -> None:
    await session.run(_FORGET_LOG, before=utc_now() - _KEPT)
    await session.run(_FORGET_EFFECTS, before=utc_now() - _KEPT)
