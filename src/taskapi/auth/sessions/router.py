"""/auth/sessions: where am I signed in."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.sessions import service
from taskapi.auth.sessions.schemas import SessionRead
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams

routes = router("/api/v1/auth/sessions", "auth")


@routes.get("", response_model=Page[SessionRead])
async def list_sessions(
    session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List where you are signed in, newest first."""
    found = await service.list_sessions(session, caller, params)
    return pages.respond(params, found)


@routes.get("/{session_id}", response_model=SessionRead)
async def get_session(session_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one of the places where you are signed in."""
    return resource(await service.get_session(session, caller, session_id))


@routes.delete("/{session_id}", status_code=204)
async def end_session(
    session_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Sign out somewhere else."""
    await service.end_session(session, caller, session_id, if_match)
    return no_content()
