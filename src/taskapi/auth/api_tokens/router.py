"""/auth/tokens: personal API tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.api_tokens import service
from taskapi.auth.api_tokens.errors import TooManyTokens
from taskapi.auth.api_tokens.schemas import ApiTokenCreate, ApiTokenCreated, ApiTokenRead
from taskapi.auth.dependencies import CurrentUser
from taskapi.core import pagination
from taskapi.core.answers import no_content, secret_answer
from taskapi.core.errors import InvalidCursor, NotFound, Unauthorized, problems
from taskapi.core.idempotency import AnswerNotKept
from taskapi.core.pagination import Page, PageParams
from taskapi.core.query import query
from taskapi.core.routing import ReadSession, WriteSession, router

routes = router("/api/v1/auth/tokens", "auth")


@routes.get("", response_model=Page[ApiTokenRead], responses=problems(Unauthorized, InvalidCursor))
async def list_tokens(
    request: Request, session: ReadSession, user: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """Your API tokens, newest first; never their secrets."""
    found = await service.list_tokens(session, user, params, pagination.after(request, params))
    return pagination.respond(request, params, found)


@routes.post(
    "",
    status_code=201,
    response_model=ApiTokenCreated,
    responses=problems(Unauthorized, TooManyTokens, AnswerNotKept),
)
async def create_token(body: ApiTokenCreate, session: WriteSession, user: CurrentUser) -> Response:
    """Make an API token, for scripts: it may do what its scopes say, at most as you may, until it expires.

    The answer holds its secret, which is not stored and never shown again; so a repeat with the same
    Idempotency-Key makes no second token, but cannot repeat the secret either: it is a 409.
    """
    return secret_answer(await service.create_token(session, user, body))


@routes.delete("/{token_id}", status_code=204, responses=problems(Unauthorized, NotFound))
async def revoke_token(token_id: UUID, request: Request, session: WriteSession, user: CurrentUser) -> Response:
    """Revoke an API token: it is dead everywhere within five seconds."""
    await service.revoke_token(session, user, token_id)
    dependencies.forget(request, user.id)
    return no_content()
