"""/admin/jobs: what waits, runs, or could not be done."""

from typing import Annotated

from starlette.responses import Response

from taskapi.admin.jobs import service
from taskapi.admin.jobs.errors import JobNotFailed, JobRunning
from taskapi.admin.jobs.schemas import JobFilter, JobPath, JobRead
from taskapi.auth.dependencies import CurrentUser
from taskapi.core.errors import Forbidden
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page

routes = router("/api/v1/admin/jobs", "admin")


@routes.get("", response_model=Page[JobRead], responses=problems(Forbidden))
async def list_jobs(
    session: ReadSession, user: CurrentUser, params: Annotated[JobFilter, query(JobFilter)]
) -> Response:
    """List jobs that wait, run, or have failed for good, newest first; for administrators."""
    found = await service.list_jobs(session, user, params)
    return pages.respond(params, found)


@routes.get("/{job_id}", response_model=JobRead, responses=problems(Forbidden))
async def get_job(job_id: JobPath, session: ReadSession, user: CurrentUser) -> Response:
    """Get one job that waits, runs, or has failed for good; for administrators."""
    return resource(await service.get_job(session, user, job_id))


@routes.post("/{job_id}/retry", response_model=JobRead, responses=problems(Forbidden, JobNotFailed))
async def retry_job(job_id: JobPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None) -> Response:
    """Try a failed job again, with all its attempts; for administrators."""
    return resource(await service.retry_job(session, user, job_id, if_match))


@routes.delete("/{job_id}", status_code=204, responses=problems(Forbidden, JobRunning))
async def discard_job(job_id: JobPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None) -> Response:
    """Discard a job that waits or has failed: it will not be done; for administrators."""
    await service.discard_job(session, user, job_id, if_match)
    return no_content()
