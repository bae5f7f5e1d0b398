"""Forgetting what the mechanisms keep: links that ran out, and the job engine's log, which it never prunes."""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, column, delete, table

from taskapi.core import jobs, one_time
from taskapi.core.clock import utc_now
from taskapi.core.db import Database, unit_of_work
from taskapi.core.statements import prepare
from taskapi.models import JobEffect

_KEPT: Final = timedelta(days=7)
_log = table("pgqueuer_log", column("created"), schema=jobs.SCHEMA)
_FORGET_LOG = prepare(delete(_log).where(_log.c.created < bindparam("before")))
_FORGET_EFFECTS = prepare(delete(JobEffect).where(JobEffect.done_at < bindparam("before")))


async def forget_links(database: Database) -> None:
    async with unit_of_work(database) as session:
        await one_time.sweep(session)


async def forget_job_log(database: Database) -> None:
    async with unit_of_work(database) as session:
        await session.fetch_rows(_FORGET_LOG, before=utc_now() - _KEPT)
        await session.fetch_rows(_FORGET_EFFECTS, before=utc_now() - _KEPT)
