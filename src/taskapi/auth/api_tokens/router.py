"""/auth/tokens: personal API tokens."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.api_tokens import service
from taskapi.auth.api_tokens.errors import TooManyTokens
from taskapi.auth.api_tokens.schemas import ApiTokenCreate, ApiTokenCreated, ApiTokenRead
from taskapi.auth.dependencies import CurrentUser
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content, resource, secret_answer
from taskapi.core.http.idempotency import AnswerNotKept
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams

routes = router("/api/v1/auth/tokens", "auth")


@routes.get("", response_model=Page[ApiTokenRead])
async def list_tokens(
    session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List your API tokens, newest first; never their secrets."""
    found = await service.list_tokens(session, caller, params)
    return pages.respond(params, found)


@routes.post(
    "",
    status_code=201,
    response_model=ApiTokenCreated,
    responses=problems(TooManyTokens, AnswerNotKept),
)
async def create_token(body: ApiTokenCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Make an API token, for scripts. It may do what its scopes say, at most as you may, until it expires.

    The answer holds its secret, which is not stored and never shown again; so a repeat with the same
    Idempotency-Key makes no second token, but cannot repeat the secret either: it is a 409.
    """
    made = await service.create_token(session, caller, body)
    fields = {**made.document.fields(), "token": made.secret}
    return secret_answer(fields, made.document, f"{routes.prefix}/{fields['id']}")


@routes.get("/{token_id}", response_model=ApiTokenRead)
async def get_token(token_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one of your API tokens; never its secret."""
    return resource(await service.get_token(session, caller, token_id))


@routes.delete("/{token_id}", status_code=204)
async def revoke_token(
    token_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Revoke an API token: it is dead everywhere within five seconds."""
    await service.revoke_token(session, caller, token_id, if_match)
    return no_content()
