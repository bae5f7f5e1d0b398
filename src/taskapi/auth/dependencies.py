"""CurrentUser: the verified caller of a request, without a round trip for those seen a moment ago."""

import time
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from fastapi.openapi.models import OAuth2, OAuthFlowPassword, OAuthFlows
from fastapi.security.base import SecurityBase

from taskapi.auth import queries
from taskapi.auth.errors import NotAnAdministrator
from taskapi.auth.service import Device, SignIns
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db import Database
from taskapi.core.errors import InvalidToken, Unauthorized
from taskapi.core.routing import remember_caller
from taskapi.core.tokens import AccessClaims, Tokens
from taskapi.models import SystemRole

_TOKEN_URL: Final = "/api/v1/auth/token"  # noqa: S105 - an address
_FRESH_SECONDS: Final = 4.0
_MAX_KNOWN: Final = 20_000


class KnownCallers:
    """Tokens that were verified, and accounts and sessions looked up, within the last four seconds.

    So a session that is revoked, or an account disabled, in any process is out of all of them within five.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._known: dict[str, tuple[Caller, float]] = {}

    def find(self, token: str) -> Caller | None:
        found = self._known.get(token)
        if found is None or found[1] < time.monotonic() or found[0].expires_at < time.time():
            return None
        return found[0]

    async def verify(self, token: str, database: Database) -> Caller:
        claims = self._tokens.read_access(token)
        caller = await _look_up(claims, database)
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[token] = (caller, time.monotonic() + _FRESH_SECONDS)
        return caller

    def forget(self, *, user_id: UUID) -> None:
        """Somebody's rights changed here: in this process they change at once."""
        for token in [token for token, (caller, _) in self._known.items() if caller.id == user_id]:
            del self._known[token]


async def _look_up(claims: AccessClaims, database: Database) -> Caller:
    async with database.single_statements() as session:
        role = await session.fetch_value(
            queries.CALLER_STATE, session_id=claims.session_id, user_id=claims.user_id, now=utc_now()
        )
    if role is None:
        raise InvalidToken("The session has ended; sign in again")
    return Caller(claims.user_id, SystemRole(role), claims.session_id, expires_at=claims.expires_at)


class _Bearer(SecurityBase):
    """Reads `Authorization: Bearer`. A security scheme and not a plain function, so that /docs offers *Authorize*."""

    def __init__(self) -> None:
        self.scheme_name = "OAuth2PasswordBearer"
        self.model = OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl=_TOKEN_URL)))

    async def __call__(self, request: Request) -> Caller:
        # Two are one too many: a proxy in front may have looked at the other.
        sent = [value for name, value in request.scope["headers"] if name == b"authorization"]
        scheme, _, token = sent[0].decode("latin-1").partition(" ") if len(sent) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("Send an access token as Authorization: Bearer <token>")
        state = request.app.state
        known: KnownCallers = state.known_callers
        caller = known.find(token) or await known.verify(token, state.database)
        remember_caller(request, str(caller.id))
        return caller


_bearer = _Bearer()
CurrentUser = Annotated[Caller, Depends(_bearer)]


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
    return Device(request.client.host if request.client else None, agent[:500] if agent else None)


def forget(request: Request, user_id: UUID) -> None:
    known: KnownCallers = request.app.state.known_callers
    known.forget(user_id=user_id)
