"""CurrentUser: the verified caller of a request, without a round trip for those seen a moment ago."""

import time
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import Depends, Request
from fastapi.openapi.models import OAuth2, OAuthFlowPassword, OAuthFlows
from fastapi.security.base import SecurityBase
from starlette.types import Scope as ASGIScope

from taskapi.auth import queries
from taskapi.auth.errors import NotAnAdministrator
from taskapi.auth.service import Device, SignIns
from taskapi.core import api_tokens
from taskapi.core.callers import Caller, CallerKind
from taskapi.core.clock import utc_now
from taskapi.core.db import Database
from taskapi.core.errors import AppError, InvalidToken, Overloaded, Unauthorized
from taskapi.core.permissions import InsufficientScope, require_scope
from taskapi.core.routing import ChecksScope, Route, remember_caller
from taskapi.core.tokens import AccessClaims, Tokens
from taskapi.models import SystemRole

log = structlog.stdlib.get_logger("taskapi.auth")

_TOKEN_URL: Final = "/api/v1/auth/token"  # noqa: S105 - an address
_IDENTITY: Final = "taskapi.identity"
_FRESH_SECONDS: Final = 4.0
_MAX_KNOWN: Final = 20_000
_NOTED_EVERY: Final = timedelta(minutes=1)


class KnownCallers:
    """Tokens that were verified, and accounts and sessions looked up, within the last four seconds.

    So a session or API token that is revoked, or an account disabled, in any process is out of all of them within
    five.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._known: dict[str, tuple[Caller, float]] = {}

    def find(self, token: str) -> Caller | None:
        found = self._known.get(token)
        if found is None or found[1] < time.monotonic() or found[0].expires_at < time.time():
            return None
        return found[0]

    async def verify(self, token: str, database: Database, address: str | None) -> Caller:
        if token.startswith(api_tokens.PREFIX):
            caller = await _look_up_api_token(token, database, address)
        else:
            caller = await _look_up_session(self._tokens.read_access(token), database)
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[token] = (caller, time.monotonic() + _FRESH_SECONDS)
        return caller

    def forget(self, *, user_id: UUID) -> None:
        """Somebody's rights changed here: in this process they change at once."""
        for token in [token for token, (caller, _) in self._known.items() if caller.id == user_id]:
            del self._known[token]


async def _look_up_session(claims: AccessClaims, database: Database) -> Caller:
    async with database.single_statements() as session:
        role = await session.fetch_value(
            queries.CALLER_STATE, session_id=claims.session_id, user_id=claims.user_id, now=utc_now()
        )
    if role is None:
        raise InvalidToken("The session has ended; sign in again")
    return Caller(claims.user_id, SystemRole(role), claims.session_id, expires_at=claims.expires_at)


async def _look_up_api_token(token: str, database: Database, address: str | None) -> Caller:
    if not api_tokens.is_well_formed(token):
        raise InvalidToken("This is no API token of this service; copy it whole")
    now = utc_now()
    async with database.single_statements() as session:
        row = await session.fetch_row(
            queries.API_TOKEN_CALLER,
            secret_hash=api_tokens.digest(token),
            now=now,
            address=address,
            noted_before=now - _NOTED_EVERY,
        )
    if row is None:
        raise InvalidToken("The API token has expired or was revoked; make another")
    if row["last_used_at"] is None:
        log.info("auth.token.first_used", token_id=str(row["id"]), user_id=str(row["user_id"]), client=address)
    return Caller(
        row["user_id"],
        SystemRole(row["role"]),
        kind=CallerKind.TOKEN,
        expires_at=row["expires_at"].timestamp(),
        token_id=row["id"],
        scopes=frozenset(row["scopes"]),
        project_ids=None if row["project_ids"] is None else frozenset(row["project_ids"]),
    )


async def identify(scope: ASGIScope) -> Caller | None:
    """Who is calling, for whoever must know before the routes do; a bad token is nobody, until a route asks.

    Raises Overloaded and DatabaseUnavailable.
    """
    identity = await _find_out(scope)
    if isinstance(identity, Overloaded):
        raise identity
    return identity if isinstance(identity, Caller) else None


async def _find_out(scope: ASGIScope) -> Caller | Unauthorized | Overloaded:
    """Once a request. A lost connection is not kept: the route is tried again, and so is this."""
    identity: Caller | Unauthorized | Overloaded
    try:
        identity = await _read_token(scope)
    except (Unauthorized, Overloaded) as error:
        identity = error
    scope[_IDENTITY] = identity
    return identity


async def _read_token(scope: ASGIScope) -> Caller:
    # Two are one too many: a proxy in front may have looked at the other.
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = sent[0].decode("latin-1").partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("Send an access token as Authorization: Bearer <token>")
    state = scope["app"].state
    known: KnownCallers = state.known_callers
    return known.find(token) or await known.verify(token, state.database, _address(scope))


class _Bearer(SecurityBase):
    """Reads `Authorization: Bearer`. A security scheme and not a plain function, so that /docs offers *Authorize*."""

    def __init__(self) -> None:
        self.scheme_name = "OAuth2PasswordBearer"
        self.model = OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl=_TOKEN_URL)))

    async def __call__(self, request: Request) -> Caller:
        identity = request.scope.get(_IDENTITY) or await _find_out(request.scope)
        if isinstance(identity, AppError):
            raise identity
        remember_caller(request, identity)
        return identity


class _BearerWithScope(_Bearer, ChecksScope):
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


_bearer = _Bearer()
CurrentUser = Annotated[Caller, Depends(_BearerWithScope())]
# Whoever it is, by whatever token: for routes that only tell a token what it is.
AnyCaller = Annotated[Caller, Depends(_bearer)]


async def _administrator(caller: CurrentUser) -> Caller:
    if not caller.is_admin:
        raise NotAnAdministrator("This needs the permission user:manage, which administrators have")
    return caller


Administrator = Annotated[Caller, Depends(_administrator)]


async def _caller_if_any(request: Request) -> Caller | None:
    return await _bearer(request) if "authorization" in request.headers else None


CallerIfAny = Annotated[Caller | None, Depends(_caller_if_any)]


def sign_ins(request: Request) -> SignIns:
    found: SignIns = request.app.state.sign_ins
    return found


def device(request: Request) -> Device:
    agent = request.headers.get("user-agent")
    return Device(_address(request.scope), agent[:500] if agent else None)


def _address(scope: ASGIScope) -> str | None:
    client = scope.get("client")
    return client[0] if client else None


def forget(request: Request, user_id: UUID) -> None:
    known: KnownCallers = request.app.state.known_callers
    known.forget(user_id=user_id)
