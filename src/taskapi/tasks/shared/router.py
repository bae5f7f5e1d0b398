"""/shared/{token}/tasks."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.core import pagination
from taskapi.core.answers import NO_STORE
from taskapi.core.errors import InvalidCursor, problems
from taskapi.core.pagination import Page
from taskapi.core.query import query
from taskapi.core.routing import router
from taskapi.projects.share_links.router import OPENING, LinkPath, SentPassword
from taskapi.tasks.schemas import SharedTaskFilter, TaskRead
from taskapi.tasks.shared import service

routes = router("/api/v1/shared/{token}", "share links")


@routes.get("/tasks", response_model=Page[TaskRead], responses=problems(InvalidCursor, *OPENING))
async def list_shared_tasks(
    token: LinkPath,
    request: Request,
    params: Annotated[SharedTaskFilter, query(SharedTaskFilter)],
    x_share_password: SentPassword = None,
) -> Response:
    """The tasks of the project that a link shows; in their manual order unless you sort them. People are ids here."""
    found = await service.list_tasks(
        dependencies.sign_ins(request),
        dependencies.device(request),
        token,
        x_share_password,
        params,
        pagination.after(request, params),
    )
    answer = pagination.respond(request, params, found)
    answer.headers["Cache-Control"] = NO_STORE
    return answer
