"""/projects/{project}/members, /leave and /transfer."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import AlreadyMember, LastOwner, ProjectArchived
from taskapi.projects.members import service
from taskapi.projects.members.schemas import MemberCreate, MemberRead, MemberUpdate, Transfer
from taskapi.projects.schemas import ProjectRead

routes = router("/api/v1/projects/{project}/members", "members", resource=Resource.MEMBERS)
ownership = router("/api/v1/projects/{project}", "members", resource=Resource.MEMBERS)
_REMOVING = problems(Forbidden, LastOwner)
_CHANGING = problems(Forbidden, LastOwner, ProjectArchived)


@routes.get("", response_model=Page[MemberRead])
async def list_members(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List who is in the project, in the order of joining."""
    found = await service.list_members(session, caller, project, params)
    return pages.respond(params, found)


@routes.post(
    "",
    status_code=201,
    response_model=MemberRead,
    responses=problems(Forbidden, AlreadyMember, ProjectArchived),
)
async def add_member(project: ProjectPath, body: MemberCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Add somebody, with a role that is not above your own."""
    member = await service.add_member(session, caller, project, body)
    return created(member, f"/api/v1/projects/{project}/members/{member.fields()['user']['id']}")


@routes.get("/{user_id}", response_model=MemberRead)
async def get_member(project: ProjectPath, user_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one member."""
    return resource(await service.get_member(session, caller, project, user_id))


@routes.patch("/{user_id}", response_model=MemberRead, responses=_CHANGING)
async def change_role(
    project: ProjectPath,
    user_id: UUID,
    body: MemberUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Give a member another role, or say how much they can do in a week.

    A role is not above your own, and nobody's who is above you; the last owner stays one. A capacity is set by admins,
    and by everybody for themselves: reports hold work against it.
    """
    return resource(await service.change_member(session, caller, project, user_id, body, if_match))


@routes.delete("/{user_id}", status_code=204, responses=_REMOVING)
async def remove_member(
    project: ProjectPath, user_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Remove somebody who is not above you, also from its tasks, and also where the project is archived."""
    await service.remove_member(session, caller, project, user_id, if_match)
    return no_content()


@ownership.post("/leave", status_code=204, responses=problems(LastOwner))
async def leave_project(project: ProjectPath, session: WriteSession, caller: CurrentUser) -> Response:
    """Leave a project, and with it the tasks you are assigned to. The last owner stays."""
    await service.leave_project(session, caller, project)
    return no_content()


@ownership.post(
    "/transfer",
    response_model=ProjectRead,
    responses=problems(Forbidden, ProjectArchived),
)
async def transfer_project(
    project: ProjectPath, body: Transfer, session: WriteSession, caller: CurrentUser
) -> Response:
    """Hand your ownership to another member. You stay in the project as an admin."""
    return resource(await service.transfer_project(session, caller, project, body))
