"""GET /search."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import InsufficientScope, Resource
from taskapi.core.errors import NotFound
from taskapi.core.http import pages
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession
from taskapi.core.lists.paging import Page
from taskapi.search import service
from taskapi.search.errors import TooManyWords
from taskapi.search.schemas import Found, SearchParams

routes = router("/api/v1/search", "search", resource=Resource.TASKS)


@routes.get("", response_model=Page[Found], responses=problems(InsufficientScope, NotFound, TooManyWords))
async def search(
    session: ReadSession, caller: CurrentUser, params: Annotated[SearchParams, query(SearchParams)]
) -> Response:
    """Search all your projects that are not archived, or the one you name; the best come first.

    Of each type the newest 500 that match are ranked: title before description, whole words before beginnings. What
    is in the trash is not found, nor what is said of it. Projects need the scope `projects:read`, and are left out
    where an API token lacks it.
    """
    return pages.respond(params, await service.search(session, caller, params))
