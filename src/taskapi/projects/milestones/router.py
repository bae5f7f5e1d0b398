"""/projects/{project}/milestones."""

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
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.milestones import service
from taskapi.projects.milestones.errors import MilestoneNameTaken, TooManyMilestones
from taskapi.projects.milestones.schemas import MilestoneCreate, MilestoneFilter, MilestoneRead, MilestoneUpdate

routes = router("/api/v1/projects/{project}/milestones", "projects", resource=Resource.PROJECTS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[MilestoneRead])
async def list_milestones(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[MilestoneFilter, query(MilestoneFilter)],
) -> Response:
    """List the milestones of a project, the next due first."""
    return pages.respond(params, await service.list_milestones(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=MilestoneRead,
    responses=problems(*_WRITING, MilestoneNameTaken, TooManyMilestones, IdTaken),
)
async def create_milestone(
    project: ProjectPath, body: MilestoneCreate, session: WriteSession, caller: CurrentUser
) -> Response:
    """Make a milestone. A project has 500 at most."""
    milestone = await service.create_milestone(session, caller, project, body)
    return created(milestone, f"/api/v1/projects/{project}/milestones/{milestone.fields()['id']}")


@routes.get("/{milestone_id}", response_model=MilestoneRead)
async def get_milestone(
    project: ProjectPath, milestone_id: UUID, session: ReadSession, caller: CurrentUser
) -> Response:
    """Get one milestone."""
    return resource(await service.get_milestone(session, caller, project, milestone_id))


@routes.patch("/{milestone_id}", response_model=MilestoneRead, responses=problems(*_WRITING, MilestoneNameTaken))
async def update_milestone(
    project: ProjectPath,
    milestone_id: UUID,
    body: MilestoneUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change a milestone. Closing it leaves its tasks as they are."""
    return resource(await service.update_milestone(session, caller, project, milestone_id, body, if_match))


@routes.delete("/{milestone_id}", status_code=204, responses=problems(*_WRITING))
async def delete_milestone(
    project: ProjectPath, milestone_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a milestone, for good. Its tasks stay, without one."""
    await service.delete_milestone(session, caller, project, milestone_id, if_match)
    return no_content()
