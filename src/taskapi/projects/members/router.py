"""/projects/{project}/members."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core import pagination
from taskapi.core.answers import text_answer
from taskapi.core.errors import Forbidden, InvalidCursor, NotFound, Unauthorized, problems
from taskapi.core.pagination import Page, PageParams
from taskapi.core.permissions import Resource
from taskapi.core.query import query
from taskapi.core.references import ProjectPath
from taskapi.core.routing import ReadSession, WriteSession, router
from taskapi.projects.errors import AlreadyMember, ProjectArchived
from taskapi.projects.members import service
from taskapi.projects.members.schemas import MemberCreate, MemberRead

routes = router("/api/v1/projects/{project}/members", "members", resource=Resource.MEMBERS)


@routes.get("", response_model=Page[MemberRead], responses=problems(Unauthorized, InvalidCursor, NotFound))
async def list_members(
    project: ProjectPath,
    request: Request,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """Who is in the project, in the order of joining."""
    found = await service.list_members(session, user, project, params, pagination.after(request, params))
    return pagination.respond(request, params, found)


@routes.post(
    "",
    status_code=201,
    response_model=MemberRead,
    responses=problems(Unauthorized, Forbidden, NotFound, AlreadyMember, ProjectArchived),
)
async def add_member(project: ProjectPath, body: MemberCreate, session: WriteSession, user: CurrentUser) -> Response:
    """Add somebody, with a role that is not above your own."""
    return text_answer(await service.add_member(session, user, project, body), status=201)
