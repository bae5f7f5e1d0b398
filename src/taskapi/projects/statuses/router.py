"""/projects/{project}/statuses."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import InvalidCursor, NotFound, Unauthorized
from taskapi.core.http import pages
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.statuses import service
from taskapi.projects.statuses.schemas import StatusRead

routes = router("/api/v1/projects/{project}/statuses", "projects", resource=Resource.PROJECTS)


@routes.get("", response_model=Page[StatusRead], responses=problems(Unauthorized, InvalidCursor, NotFound))
async def list_statuses(
    project: ProjectPath,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the columns that tasks of this project move through, from left to right."""
    found = await service.list_statuses(session, user, project, params)
    return pages.respond(params, found)
