"""/projects/{project}/statuses."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import ProjectArchived, StatusKeyTaken
from taskapi.projects.statuses import service
from taskapi.projects.statuses.errors import LastOpenStatus, StatusInUse, TooManyStatuses, WipLimitReached
from taskapi.projects.statuses.schemas import StatusCreate, StatusRead, StatusRemoval, StatusUpdate

routes = router("/api/v1/projects/{project}/statuses", "projects", resource=Resource.PROJECTS)
_WRITING = (Forbidden, ProjectArchived)
_CHANGING = (*_WRITING, StatusInUse, LastOpenStatus)


@routes.get("", response_model=Page[StatusRead])
async def list_statuses(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the columns that tasks of this project move through, from left to right."""
    return pages.respond(params, await service.list_statuses(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=StatusRead,
    responses=problems(*_WRITING, StatusKeyTaken, TooManyStatuses, IdTaken),
)
async def create_status(
    project: ProjectPath, body: StatusCreate, session: WriteSession, caller: CurrentUser
) -> Response:
    """Make a column, at its position or at the end; those from there on move to the right. A project has 50 at most."""
    status = await service.create_status(session, caller, project, body)
    return created(status, f"/api/v1/projects/{project}/statuses/{status.fields()['id']}")


@routes.get("/{status_id}", response_model=StatusRead)
async def get_status(project: ProjectPath, status_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one column."""
    return resource(await service.get_status(session, caller, project, status_id))


@routes.patch("/{status_id}", response_model=StatusRead, responses=problems(*_CHANGING))
async def update_status(
    project: ProjectPath,
    status_id: UUID,
    body: StatusUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change a column. Its key stays for ever, and its category while tasks are in it; a position moves the others."""
    return resource(await service.update_status(session, caller, project, status_id, body, if_match))


@routes.delete("/{status_id}", status_code=204, responses=problems(*_CHANGING, WipLimitReached))
async def delete_status(
    project: ProjectPath,
    status_id: UUID,
    session: WriteSession,
    caller: CurrentUser,
    params: Annotated[StatusRemoval, query(StatusRemoval)],
    if_match: IfMatch = None,
) -> Response:
    """Delete a column. Its tasks move to another one, which has to be named where there are any."""
    await service.delete_status(session, caller, project, status_id, params.move_to, if_match)
    return no_content()
