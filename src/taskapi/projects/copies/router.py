"""/projects/{project}/duplicate."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http.answers import created
from taskapi.core.http.problems import problems
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.copies import service
from taskapi.projects.copies.schemas import ProjectDuplicate
from taskapi.projects.errors import ProjectKeyTaken, TooManyTasksToCopy
from taskapi.projects.schemas import ProjectRead

routes = router("/api/v1/projects/{project}", "projects", resource=Resource.PROJECTS)


@routes.post(
    "/duplicate",
    status_code=201,
    response_model=ProjectRead,
    responses=problems(Forbidden, ProjectKeyTaken, IdTaken, TooManyTasksToCopy),
)
async def duplicate_project(
    project: ProjectPath, body: ProjectDuplicate, session: WriteSession, caller: CurrentUser
) -> Response:
    """Copy a project that you can read: statuses, labels, custom fields, templates and, if you like, tasks.

    You own the copy. Tasks are numbered anew, in their order, and keep their parents. Of people, nobody but you comes
    along.
    """
    document = await service.duplicate_project(session, caller, project, body)
    return created(document, f"/api/v1/projects/{body.key}")
