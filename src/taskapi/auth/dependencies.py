"""CurrentUser: the verified caller of a request, without a round trip for those seen a moment ago."""

from typing import Annotated, Final

import structlog
from fastapi import Depends, Request
from fastapi.openapi.models import OAuth2, OAuthFlowPassword, OAuthFlows
from fastapi.security.base import SecurityBase
from starlette.types import Scope as ASGIScope

from taskapi.auth import callers
from taskapi.auth.accounts import Device
from taskapi.auth.errors import NotAnAdministrator
from taskapi.core.access.permissions import InsufficientScope, require_scope
from taskapi.core.callers import Caller
from taskapi.core.errors import AppError, InvalidToken, Overloaded, Unauthorized
from taskapi.core.http.route import Guard, Route
from taskapi.core.http.transaction import remember_caller
from taskapi.core.parts import Parts

log = structlog.stdlib.get_logger("taskapi.auth")

_TOKEN_URL: Final = "/api/v1/auth/token"  # noqa: S105 - an address
_IDENTITY: Final = "taskapi.identity"


async def identify(scope: ASGIScope) -> Caller | None:
    """Who is calling, for whoever must know before the routes do; a bad token is nobody, until a route asks.

    Raises Overloaded and DatabaseUnavailable.
    """
    identity = await _find_out(scope)
    if isinstance(identity, Overloaded):
        raise identity
    return identity if isinstance(identity, Caller) else None


async def _find_out(scope: ASGIScope) -> Caller | Unauthorized | Overloaded:
    """Asked once a request, and kept, refusals too. A lost connection is not kept: a retry of the route asks again."""
    identity: Caller | Unauthorized | Overloaded
    try:
        identity = await _read_token(scope)
    except (Unauthorized, Overloaded) as error:
        identity = error
    scope[_IDENTITY] = identity
    return identity


async def _read_token(scope: ASGIScope) -> Caller:
    # Of two headers neither counts: a proxy in front may have looked at one, and we at the other.
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = sent[0].decode("latin-1").partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("Send an access token as Authorization: Bearer <token>")
    parts: Parts = scope["app"].state.parts
    return parts.known_callers.find(token) or await callers.verify(parts, token, _address(scope))


class Bearer(SecurityBase, Guard):
    """Reads `Authorization: Bearer`. A security scheme and not a plain function, so that /docs offers *Authorize*."""

    errors: tuple[type[AppError], ...] = (Unauthorized, InvalidToken)

    def __init__(self) -> None:
        self.scheme_name = "OAuth2PasswordBearer"
        self.model = OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl=_TOKEN_URL)))

    async def __call__(self, request: Request) -> Caller:
        identity = request.scope.get(_IDENTITY) or await _find_out(request.scope)
        if isinstance(identity, AppError):
            raise identity
        remember_caller(request, identity)
        return identity


class BearerWithScope(Bearer):
    errors = (*Bearer.errors, InsufficientScope)
    checks_scope = True

    async def __call__(self, request: Request) -> Caller:
        caller = await super().__call__(request)
        if caller.scopes is not None:
            _require_scope(request, caller)
        return caller


def _require_scope(request: Request, caller: Caller) -> None:
    """Of the route that matched, and of nothing else: the same answer whatever is behind it."""
    route = request.scope["route"]
    assert isinstance(route, Route)
    try:
        require_scope(caller, route.scope)
    except InsufficientScope:
        log.warning("auth.token.scope_denied", token_id=str(caller.token_id), route=route.name, needs=route.scope)
        raise


_bearer = Bearer()
CurrentUser = Annotated[Caller, Depends(BearerWithScope())]
# By any good token, whatever its scopes: for routes that only say what a token is.
AnyCaller = Annotated[Caller, Depends(_bearer)]


class _BearerWhoAdministers(BearerWithScope):
    errors = (*BearerWithScope.errors, NotAnAdministrator)

    async def __call__(self, request: Request) -> Caller:
        caller = await super().__call__(request)
        if not caller.is_admin:
            raise NotAnAdministrator("This needs the permission user:manage, which administrators have")
        return caller


Administrator = Annotated[Caller, Depends(_BearerWhoAdministers())]


async def _caller_if_any(request: Request) -> Caller | None:
    return await _bearer(request) if "authorization" in request.headers else None


CallerIfAny = Annotated[Caller | None, Depends(_caller_if_any)]


def device(request: Request) -> Device:
    agent = request.headers.get("user-agent")
    return Device(_address(request.scope), agent[:500] if agent else None)


def _address(scope: ASGIScope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None
