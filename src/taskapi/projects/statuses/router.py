"""/projects/{project}/statuses."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core import pagination
from taskapi.core.errors import InvalidCursor, NotFound, Unauthorized, problems
from taskapi.core.pagination import Page, PageParams
from taskapi.core.permissions import Resource
from taskapi.core.query import query
from taskapi.core.references import ProjectPath
from taskapi.core.routing import ReadSession, router
from taskapi.projects.statuses import service
from taskapi.projects.statuses.schemas import StatusRead

routes = router("/api/v1/projects/{project}/statuses", "projects", resource=Resource.PROJECTS)


@routes.get("", response_model=Page[StatusRead], responses=problems(Unauthorized, InvalidCursor, NotFound))
async def list_statuses(
    project: ProjectPath,
    request: Request,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """The columns that tasks of this project move through, from left to right."""
    found = await service.list_statuses(session, user, project, params, pagination.after(request, params))
    return pagination.respond(request, params, found)
