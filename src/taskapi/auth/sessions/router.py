"""/auth/sessions: where am I signed in."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.sessions import service
from taskapi.auth.sessions.schemas import SessionRead
from taskapi.core.errors import InvalidCursor, NotFound, Unauthorized
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams

routes = router("/api/v1/auth/sessions", "auth")


@routes.get("", response_model=Page[SessionRead], responses=problems(Unauthorized, InvalidCursor))
async def list_sessions(
    session: ReadSession, user: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List where you are signed in, newest first."""
    found = await service.list_sessions(session, user, params)
    return pages.respond(params, found)


@routes.delete("/{session_id}", status_code=204, responses=problems(Unauthorized, NotFound))
async def end_session(session_id: UUID, session: WriteSession, user: CurrentUser) -> Response:
    """Sign out somewhere else."""
    await service.end_session(session, user, session_id)
    return no_content()
