"""/views."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken, NotFound
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.views import service
from taskapi.tasks.views.errors import TooManyViews
from taskapi.tasks.views.schemas import ViewCreate, ViewFilter, ViewRead, ViewUpdate

routes = router("/api/v1/views", "tasks", resource=Resource.TASKS)


@routes.get("", response_model=Page[ViewRead], responses=problems(NotFound))
async def list_views(
    session: ReadSession, caller: CurrentUser, params: Annotated[ViewFilter, query(ViewFilter)]
) -> Response:
    """List your views and those shared in your projects, by name."""
    return pages.respond(params, await service.list_views(session, caller, params))


@routes.post(
    "",
    status_code=201,
    response_model=ViewRead,
    responses=problems(Forbidden, NotFound, ProjectArchived, TooManyViews, IdTaken),
)
async def create_view(body: ViewCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Save a filter and a sort under a name, for yourself or shared in a project. Everybody has 200 at most."""
    view = await service.create_view(session, caller, body)
    return created(view, f"/api/v1/views/{view.fields()['id']}")


@routes.get("/{view_id}", response_model=ViewRead)
async def get_view(view_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get a view of yours, or one shared in a project of yours."""
    return resource(await service.get_view(session, caller, view_id))


@routes.patch("/{view_id}", response_model=ViewRead, responses=problems(Forbidden, ProjectArchived))
async def update_view(
    view_id: UUID, body: ViewUpdate, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Change a view: your own, or a shared one of a project whose tasks you write."""
    return resource(await service.update_view(session, caller, view_id, body, if_match))


@routes.delete("/{view_id}", status_code=204, responses=problems(Forbidden, ProjectArchived))
async def delete_view(view_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None) -> Response:
    """Delete a view, for good."""
    await service.delete_view(session, caller, view_id, if_match)
    return no_content()
