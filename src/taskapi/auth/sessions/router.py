"""/auth/sessions: where am I signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.sessions import service
from taskapi.auth.sessions.schemas import SessionRead
from taskapi.core import pagination
from taskapi.core.answers import no_content
from taskapi.core.errors import InvalidCursor, NotFound, Unauthorized, problems
from taskapi.core.pagination import Page, PageParams
from taskapi.core.query import query
from taskapi.core.routing import ReadSession, WriteSession, router

routes = router("/api/v1/auth/sessions", "auth")


@routes.get("", response_model=Page[SessionRead], responses=problems(Unauthorized, InvalidCursor))
async def list_sessions(
    request: Request, session: ReadSession, user: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """Where you are signed in, newest first."""
    found = await service.list_sessions(session, user, params, pagination.after(request, params))
    return pagination.respond(request, params, found)


@routes.delete("/{session_id}", status_code=204, responses=problems(Unauthorized, NotFound))
async def end_session(session_id: UUID, request: Request, session: WriteSession, user: CurrentUser) -> Response:
    """Sign out somewhere else."""
    await service.end_session(session, user, session_id)
    dependencies.forget(request, user.id)
    return no_content()
