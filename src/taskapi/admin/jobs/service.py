"""Jobs: listed, tried again, discarded."""

import structlog

from taskapi.admin.jobs import events, queries
from taskapi.admin.jobs.errors import JobNotFailed, JobRunning
from taskapi.admin.jobs.queries import JobRow
from taskapi.admin.jobs.schemas import JobFilter, JobState
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.resources.document import Document, require_match

log = structlog.stdlib.get_logger("taskapi.jobs")


async def list_jobs(session: DbSession, caller: Caller, params: JobFilter) -> Slice:
    require_admin(caller, Permission.JOB_MANAGE)
    values = {} if params.state is None else {"state": params.state.value}
    page = queries.page(params.rows, filtered=bool(values), continues=params.continues)
    return await paging.fetch(session, params, page=page, count=queries.count(filtered=bool(values)), **values)


async def get_job(session: DbSession, caller: Caller, job_id: int) -> Document:
    require_admin(caller, Permission.JOB_MANAGE)
    body = await session.fetch_value(queries.JOB_SEEN, job_id=job_id)
    if body is None:
        raise _no_job()
    return _document(body)


async def retry_job(session: DbSession, caller: Caller, job_id: int, if_match: str | None = None) -> Document:
    """Put a failed job back into the queue with all its attempts before it."""
    row = await _load(session, caller, job_id, if_match)
    if row["state"] != JobState.FAILED:
        raise JobNotFailed("Only what has failed for good is put back into the queue")
    body = await session.only_value(queries.RETRY, job_id=job_id, now=utc_now())
    await session.run(queries.FORGET_PICKS, job_id=job_id)
    await publish(session, caller, events.job_retried(job_id, row["entrypoint"]))
    log.info("jobs.retried", job_id=job_id, by=str(caller.id))
    return _document(body)


async def discard_job(session: DbSession, caller: Caller, job_id: int, if_match: str | None = None) -> None:
    row = await _load(session, caller, job_id, if_match)
    if row["state"] == JobState.RUNNING:
        raise JobRunning("Wait until it has ended")
    await session.run(queries.DISCARD, job_id=job_id)
    await publish(session, caller, events.job_discarded(job_id, row["entrypoint"], row["state"]))
    log.info("jobs.discarded", job_id=job_id, by=str(caller.id))


async def _load(session: DbSession, caller: Caller, job_id: int, if_match: str | None) -> JobRow:
    """Locked, so that no worker picks it up meanwhile."""
    require_admin(caller, Permission.JOB_MANAGE)
    row = await session.fetch_row(queries.JOB, job_id=job_id)
    if row is None:
        raise _no_job()
    require_match(if_match, _document(row["body"]))
    return row


def _document(body: str) -> Document:
    """The worker changes it without a new version: clients only try it again or discard it, so that is 1 for ever."""
    return Document(body, 1, pure=False)


def _no_job() -> NotFound:
    return NotFound("There is no such job: it was done, or discarded")
