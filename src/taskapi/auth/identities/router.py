"""/auth/identities: what I sign in with elsewhere."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.identities import service
from taskapi.auth.identities.errors import LastWayIn
from taskapi.auth.identities.schemas import IdentityRead
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams

routes = router("/api/v1/auth/identities", "auth")


@routes.get("", response_model=Page[IdentityRead])
async def list_identities(
    session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List what you sign in with elsewhere, newest first."""
    found = await service.list_identities(session, caller, params)
    return pages.respond(params, found)


@routes.get("/{identity_id}", response_model=IdentityRead)
async def get_identity(identity_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one of the accounts elsewhere that open yours."""
    return resource(await service.get_identity(session, caller, identity_id))


@routes.delete("/{identity_id}", status_code=204, responses=problems(LastWayIn))
async def unlink_identity(
    identity_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Take an identity off: it opens your account no more.

    The last way in stays: without a password and another identity, the answer is a 409. Somebody who signs in there
    later with your verified address is linked again, and you get a mail.
    """
    await service.unlink_identity(session, caller, identity_id, if_match)
    return no_content()
