"""Jobs: listed, tried again, discarded."""

import structlog

from taskapi.admin.jobs import events, queries
from taskapi.admin.jobs.errors import JobNotFailed, JobRunning
from taskapi.admin.jobs.schemas import JobFilter, JobState
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Row
from taskapi.core.errors import NotFound
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice

log = structlog.stdlib.get_logger("taskapi.jobs")


async def list_jobs(session: DbSession, caller: Caller, params: JobFilter) -> Slice:
    require_admin(caller, Permission.JOB_MANAGE)
    values = {} if params.state is None else {"state": params.state.value}
    page = queries.page(params.rows, filtered=bool(values), continues=params.continues)
    return await paging.fetch(session, params, page=page, count=queries.count(filtered=bool(values)), **values)


async def retry_job(session: DbSession, caller: Caller, job_id: int) -> str:
    """Put a failed job back into the queue with all its attempts before it; the job as JSON text."""
    row = await _load(session, caller, job_id)
    if row["state"] != JobState.FAILED:
        raise JobNotFailed("Only what has failed for good is put back into the queue")
    body: str = await session.only_value(queries.RETRY, job_id=job_id, now=utc_now())
    await session.fetch_row(queries.FORGET_PICKS, job_id=job_id)
    await publish(session, caller, events.job_retried(job_id, row["entrypoint"]))
    log.info("jobs.retried", job_id=job_id, by=str(caller.id))
    return body


async def discard_job(session: DbSession, caller: Caller, job_id: int) -> None:
    row = await _load(session, caller, job_id)
    if row["state"] == JobState.RUNNING:
        raise JobRunning("Wait until it has ended")
    await session.fetch_row(queries.DISCARD, job_id=job_id)
    await publish(session, caller, events.job_discarded(job_id, row["entrypoint"], row["state"]))
    log.info("jobs.discarded", job_id=job_id, by=str(caller.id))


async def _load(session: DbSession, caller: Caller, job_id: int) -> Row:
    """Locked, so that no worker picks it up meanwhile."""
    require_admin(caller, Permission.JOB_MANAGE)
    row = await session.fetch_row(queries.JOB, job_id=job_id)
    if row is None:
        raise NotFound("There is no such job: it was done, or discarded")
    return row
