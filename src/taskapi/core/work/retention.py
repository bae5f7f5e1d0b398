"""Forgetting what the job engine keeps: its log, which it never prunes, and the notes of effects."""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import prepare
from taskapi.core.work.tables import LOG
from taskapi.models import JobEffect

_KEPT: Final = timedelta(days=7)
_FORGET_LOG = prepare(delete(LOG).where(LOG.c.created < bindparam("before")))
_FORGET_EFFECTS = prepare(delete(JobEffect).where(JobEffect.done_at < bindparam("before")))


async def forget_job_log(session: DbSession) -> None:
    await session.run(_FORGET_LOG, before=utc_now() - _KEPT)
    await session.run(_FORGET_EFFECTS, before=utc_now() - _KEPT)
