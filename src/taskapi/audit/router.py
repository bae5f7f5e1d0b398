"""/audit: what happened to accounts, ways in and rights."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.audit import service
from taskapi.audit.schemas import AuditFilter, AuditRead
from taskapi.auth.dependencies import CurrentUser
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.http import pages
from taskapi.core.http.answers import resource
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession
from taskapi.core.lists.paging import Page

routes = router("/api/v1/audit", "audit")


@routes.get("", response_model=Page[AuditRead], responses=problems(Forbidden, NotFound))
async def list_audit(
    session: ReadSession, user: CurrentUser, params: Annotated[AuditFilter, query(AuditFilter)]
) -> Response:
    """List security events, newest first; for administrators, and for no API token.

    These are sign-ins, accounts, second factors, API tokens, members and their roles, invitations, share links,
    projects that changed hands or were deleted, what was refused, and what administrators looked at or did with jobs.
    """
    return pages.respond(params, await service.list_audit(session, user, params))


@routes.get("/{event_id}", response_model=AuditRead, responses=problems(Forbidden))
async def get_audit_event(event_id: UUID, session: ReadSession, user: CurrentUser) -> Response:
    """Get one security event; for administrators."""
    return resource(await service.get_audit_event(session, user, event_id))
