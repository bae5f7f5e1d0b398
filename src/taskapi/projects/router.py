"""/projects."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource, text_answer
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.projects import service
from taskapi.projects.errors import (
    NotInTrash,
    ProjectArchived,
    ProjectCycle,
    ProjectKeyTaken,
    ProjectsTooDeep,
    TooManyTasksToCopy,
)
from taskapi.projects.past import service as past
from taskapi.projects.schemas import ProjectCreate, ProjectFilter, ProjectRead, ProjectUpdate, ProjectView

routes = router("/api/v1/projects", "projects", resource=Resource.PROJECTS)


@routes.get("/{project}", response_model=ProjectRead)
async def get_project(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[ProjectView, query(ProjectView)],
) -> Response:
    """Get one of your projects; with `at`, as it was at that moment."""
    if params.at is not None:
        return text_answer(await past.get_project_at(session, caller, project, params.at))
    return resource(await service.get_project(session, caller, project))


@routes.get("", response_model=Page[ProjectRead])
async def list_projects(
    session: ReadSession, caller: CurrentUser, params: Annotated[ProjectFilter, query(ProjectFilter)]
) -> Response:
    """List the projects you are in."""
    found = await service.list_projects(session, caller, params)
    return pages.respond(params, found)


@routes.post(
    "",
    status_code=201,
    response_model=ProjectRead,
    responses=problems(Forbidden, ProjectArchived, ProjectsTooDeep, ProjectKeyTaken, IdTaken, TooManyTasksToCopy),
)
async def create_project(body: ProjectCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a project. You own it, and it starts with five statuses, from `backlog` to `cancelled`.

    With a `template`, it starts with what that has instead.
    """
    document = await service.create_project(session, caller, body)
    return created(document, f"/api/v1/projects/{body.key}")


@routes.patch(
    "/{project}",
    response_model=ProjectRead,
    responses=problems(Forbidden, ProjectArchived, ProjectCycle, ProjectsTooDeep),
)
async def update_project(
    project: ProjectPath, body: ProjectUpdate, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Change a project, or archive it. `{"archived": true}` freezes it until you take that back.

    What is frozen can still be taken away from: members, invitations and share links are removed, and the project is
    deleted, as ever.
    """
    return resource(await service.update_project(session, caller, project, body, if_match))


@routes.delete("/{project}", status_code=204, responses=problems(Forbidden))
async def delete_project(
    project: ProjectPath, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Move a project to the trash, for 30 days."""
    await service.delete_project(session, caller, project, if_match)
    return no_content()


@routes.post("/{project}/restore", response_model=ProjectRead, responses=problems(Forbidden, NotInTrash))
async def restore_project(
    project: ProjectPath, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Bring a project back from the trash, with all that is in it; one that is not in it is a 409."""
    return resource(await service.restore_project(session, caller, project, if_match))
