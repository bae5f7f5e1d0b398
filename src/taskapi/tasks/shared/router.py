"""/shared/{token}/tasks."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.core.errors import InvalidCursor
from taskapi.core.http import pages
from taskapi.core.http.answers import NO_STORE
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.lists.paging import Page
from taskapi.core.parts import parts
from taskapi.projects.share_links.router import OPENING, LinkPath, SentPassword
from taskapi.tasks.filters.schemas import SharedTaskFilter
from taskapi.tasks.schemas import TaskRead
from taskapi.tasks.shared import service

routes = router("/api/v1/shared/{token}", "share-links")


@routes.get("/tasks", response_model=Page[TaskRead], responses=problems(InvalidCursor, *OPENING))
async def list_shared_tasks(
    token: LinkPath,
    request: Request,
    params: Annotated[SharedTaskFilter, query(SharedTaskFilter)],
    x_share_password: SentPassword = None,
) -> Response:
    """List the tasks of the project that a link shows, in their manual order unless you sort them.

    People are ids here.
    """
    found = await service.list_tasks(
        parts(request),
        dependencies.device(request),
        token,
        x_share_password,
        params,
    )
    answer = pages.respond(params, found)
    answer.headers["Cache-Control"] = NO_STORE
    return answer
