"""/projects/{project}/cycles."""

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
from taskapi.core.lists.paging import Page
from taskapi.projects.cycles import service
from taskapi.projects.cycles.errors import CycleOverlap, TooManyCycles
from taskapi.projects.cycles.schemas import CycleCreate, CycleFilter, CycleRead, CycleUpdate
from taskapi.projects.errors import ProjectArchived

routes = router("/api/v1/projects/{project}/cycles", "projects", resource=Resource.PROJECTS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[CycleRead])
async def list_cycles(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[CycleFilter, query(CycleFilter)],
) -> Response:
    """List the cycles of a project, in their order."""
    return pages.respond(params, await service.list_cycles(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=CycleRead,
    responses=problems(*_WRITING, CycleOverlap, TooManyCycles, IdTaken),
)
async def create_cycle(project: ProjectPath, body: CycleCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a cycle. Those of a project do not overlap, and there are 500 at most."""
    cycle = await service.create_cycle(session, caller, project, body)
    return created(cycle, f"/api/v1/projects/{project}/cycles/{cycle.fields()['id']}")


@routes.get("/{cycle_id}", response_model=CycleRead)
async def get_cycle(project: ProjectPath, cycle_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one cycle."""
    return resource(await service.get_cycle(session, caller, project, cycle_id))


@routes.patch("/{cycle_id}", response_model=CycleRead, responses=problems(*_WRITING, CycleOverlap))
async def update_cycle(
    project: ProjectPath,
    cycle_id: UUID,
    body: CycleUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change the name or the days of a cycle."""
    return resource(await service.update_cycle(session, caller, project, cycle_id, body, if_match))


@routes.delete("/{cycle_id}", status_code=204, responses=problems(*_WRITING))
async def delete_cycle(
    project: ProjectPath, cycle_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a cycle, for good. Its tasks stay, without one."""
    await service.delete_cycle(session, caller, project, cycle_id, if_match)
    return no_content()
