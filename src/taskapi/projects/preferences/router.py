"""/projects/{project}/favourite and /projects/order."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.http.answers import no_content
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.preferences import service
from taskapi.projects.preferences.schemas import ProjectOrder

routes = router("/api/v1/projects", "projects", resource=Resource.PROJECTS)


@routes.put("/{project}/favourite", status_code=204)
async def add_favourite(project: ProjectPath, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a project one of your favourites. Nobody else sees it."""
    await service.mark(session, caller, project, is_favourite=True)
    return no_content()


@routes.delete("/{project}/favourite", status_code=204)
async def remove_favourite(project: ProjectPath, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a project none of your favourites any more."""
    await service.mark(session, caller, project, is_favourite=False)
    return no_content()


@routes.post("/order", status_code=204)
async def order_projects(body: ProjectOrder, session: WriteSession, caller: CurrentUser) -> Response:
    """Set the order of your projects, which `sort=position` lists them in. Nobody else sees it."""
    await service.order(session, caller, body.project_ids)
    return no_content()
