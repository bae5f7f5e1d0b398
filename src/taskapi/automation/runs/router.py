"""/projects/{project}/rules/{rule_id}/runs."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.automation.runs import service
from taskapi.automation.runs.schemas import RunRead
from taskapi.core.access.permissions import Resource
from taskapi.core.http import pages
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession
from taskapi.core.lists.paging import Page, PageParams

routes = router("/api/v1/projects/{project}/rules", "rules", resource=Resource.TASKS)


@routes.get("/{rule_id}/runs", response_model=Page[RunRead])
async def list_rule_runs(
    project: ProjectPath,
    rule_id: UUID,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List what a rule did, newest first; kept for 30 days. Changes whose task did not fit its filter are not there."""
    return pages.respond(params, await service.list_runs(session, caller, project, rule_id, params))
