"""/auth: signing in and out."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import AnyCaller, CurrentUser
from taskapi.auth.errors import TooManySignIns
from taskapi.auth.reclaiming import service as reclaiming
from taskapi.auth.reclaiming.service import Act
from taskapi.auth.sessions import dependencies as browsers
from taskapi.auth.sessions import service as sessions
from taskapi.auth.sessions.dependencies import READS_COOKIE, CallerWhoLeaves
from taskapi.auth.sessions.errors import NotFromOurPage, TokenReused
from taskapi.auth.sessions.schemas import RefreshRequest
from taskapi.auth.sessions.service import Pair
from taskapi.auth.sign_in import service
from taskapi.auth.sign_in.errors import InvalidCredentials, InvalidTotpCode, TotpRequired
from taskapi.auth.sign_in.schemas import LoginRequest, TokenForm, TokenPair, Validation
from taskapi.core.errors import Forbidden, InvalidToken, Unauthorized
from taskapi.core.http.answers import NO_STORE, json_answer, no_content, unchanging
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.parts import parts

routes = router("/api/v1/auth", "auth")
SIGN_IN = problems(InvalidCredentials, TotpRequired, InvalidTotpCode, TooManySignIns)


@routes.post("/login", response_model=TokenPair, responses=SIGN_IN)
async def login(body: LoginRequest, request: Request) -> Response:
    """Sign in with a username or e-mail address and a password.

    Where an authenticator app is set up, the answer without `totp_code` is a 401 `totp_required`. An account has at
    most 50 sessions: the one that was not used for the longest time ends for one more. With `"session": "cookie"` the
    refresh token is set as a cookie, which no script can read: `__Host-rt`, or `rt` without TLS on one's own machine.
    """
    device = dependencies.device(request)
    pair = await service.sign_in(parts(request), body.username, body.password, device, body.totp_code)
    return answer_kept(request, pair) if body.session else answer(pair)


@routes.post("/token", response_model=TokenPair, responses=SIGN_IN)
async def token(form: Annotated[TokenForm, Form()], request: Request) -> Response:
    """Sign in with the OAuth2 password form, as Authorize in /docs does."""
    device = dependencies.device(request)
    return answer(await service.sign_in(parts(request), form.username, form.password, device, form.totp_code))


@routes.post(
    "/refresh",
    response_model=TokenPair,
    responses=problems(Unauthorized, InvalidToken, TokenReused, NotFromOurPage),
    openapi_extra=READS_COOKIE,
)
async def refresh(body: RefreshRequest, request: Request) -> Response:
    """Exchange a refresh token for a new pair.

    Each refresh token works once. A repeat within ten seconds gets the same answer again, for the first may have
    been lost; a later one ends the session. A page sends `{"session": "cookie"}`: its cookie is read and set anew, and
    goes where the session has ended.
    """
    try:
        pair = await sessions.refresh(parts(request), browsers.presented(request, body))
    except Unauthorized as error:
        raise browsers.refused(request, body, error) from None
    return answer_kept(request, pair) if browsers.goes_into_cookie(body) else answer(pair)


@routes.post("/logout", status_code=204, responses=problems(Unauthorized), openapi_extra=READS_COOKIE)
async def logout(request: Request, session: WriteSession, caller: CallerWhoLeaves) -> Response:
    """End this session: its access and refresh tokens are dead everywhere within five seconds.

    Without an access token it is the session of the cookie. The cookie goes either way.
    """
    await sessions.end_own_session(session, caller)
    return browsers.signed_out(request, no_content())


@routes.post("/logout-all", status_code=204, responses=problems(Unauthorized))
async def logout_all(request: Request, session: WriteSession, caller: CurrentUser) -> Response:
    """End all your sessions, this one too; links that were mailed and a change of address that is pending are void."""
    await reclaiming.reclaim(session, caller, caller.id, Act.SIGNED_OUT_EVERYWHERE)
    return browsers.signed_out(request, no_content())


@routes.get("/validate", response_model=Validation, responses=problems(Unauthorized))
async def validate(session: ReadSession, caller: AnyCaller) -> Response:
    """Say whose token this is, what it may do, and until when it is good. API tokens are welcome, too."""
    return unchanging((await service.validation(session, caller)).model_dump())


@routes.get("/validate-admin", response_model=Validation, responses=problems(Unauthorized, Forbidden))
async def validate_admin(session: ReadSession, caller: CurrentUser) -> Response:
    """Say the same to administrators, and refuse everybody else."""
    return unchanging((await service.validation_of_administrator(session, caller)).model_dump())


def answer(pair: Pair) -> Response:
    fields = {**_access(pair), "refresh_token": pair.refresh_token}
    return json_answer(fields, {"user": pair.user}, headers={"Cache-Control": NO_STORE})


def answer_kept(request: Request, pair: Pair) -> Response:
    """For a browser, whose cookie keeps the refresh token."""
    headers = {"Cache-Control": NO_STORE, **browsers.keep(request, pair)}
    return json_answer(_access(pair), {"user": pair.user}, headers=headers)


def _access(pair: Pair) -> dict[str, object]:
    return {"access_token": pair.access_token, "token_type": "bearer", "expires_in": pair.expires_in}
