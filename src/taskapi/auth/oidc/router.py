"""/auth/oidc: signing in with an OpenID provider."""

from typing import Annotated, Final

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from taskapi.auth import dependencies
from taskapi.auth.errors import TooManySignIns
from taskapi.auth.oidc import service
from taskapi.auth.oidc.attempts import SECONDS
from taskapi.auth.oidc.errors import (
    AccountNotProven,
    EmailNotProven,
    NoAccount,
    ProviderFailed,
    SignInExpired,
    SignInRefused,
)
from taskapi.auth.oidc.schemas import Callback, ProviderList, SecondStep, Start
from taskapi.auth.oidc.service import Oidc
from taskapi.auth.sign_in.errors import InvalidCredentials, InvalidTotpCode, TotpRequired
from taskapi.auth.sign_in.router import answer, answer_kept
from taskapi.auth.sign_in.schemas import TokenPair
from taskapi.core.errors import NotFound, TransactionConflict
from taskapi.core.http.answers import NO_STORE, json_answer
from taskapi.core.http.convertors import register_anything_but
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.settings import TAKEN_PROVIDER_NAMES

routes = router(service.PATH, "auth")

# The prefix keeps other hosts of the same domain from setting it (RFC 6265bis §4.1.3); browsers want TLS for that.
_COOKIE: Final = "taskapi-oidc"
_HOST_COOKIE: Final = "__Host-taskapi-oidc"
ProviderName = Annotated[str, Path(max_length=32, examples=["example"])]


register_anything_but(TAKEN_PROVIDER_NAMES, "provider")


def _oidc(request: Request) -> Oidc:
    found: Oidc = request.app.state.oidc
    return found


@routes.get("", response_model=ProviderList)
async def list_oidc_providers(request: Request) -> Response:
    """List the providers people may sign in with here."""
    return json_answer(service.list_providers(_oidc(request)).model_dump())


@routes.get(
    "/{provider:provider}",
    status_code=302,
    response_class=RedirectResponse,
    responses={302: {"description": "To the provider"}, **problems(NotFound, ProviderFailed)},
)
async def start_oidc(provider: ProviderName, request: Request, start: Annotated[Start, query(Start)]) -> Response:
    """Sign in with a provider. Send the browser here, and it comes back to `/callback` from there.

    With `redirect` it goes on to that page of ours, with `#sign_in_token=…&totp_required=…` behind the address, or
    with `#error=` and the code of what went wrong: the page sends the token to `/auth/oidc/complete`.
    """
    location, cookie = await service.begin(_oidc(request), provider, start.redirect)
    return _keep(request, RedirectResponse(location, 302, {"Cache-Control": NO_STORE}), cookie)


@routes.get(
    "/{provider:provider}/callback",
    response_model=TokenPair,
    responses={
        303: {"description": "To the page that `redirect` named"},
        **problems(
            NotFound,
            SignInExpired,
            SignInRefused,
            InvalidCredentials,
            TotpRequired,
            EmailNotProven,
            NoAccount,
            AccountNotProven,
            TransactionConflict,
            ProviderFailed,
        ),
    },
)
async def finish_oidc(provider: ProviderName, request: Request, sent: Annotated[Callback, query(Callback)]) -> Response:
    """Finish signing in, sent back here by the provider. The answer is that of `/auth/login`, or leads to your page.

    An identity that is new here opens the account with its e-mail address, or a new one; both only where the
    provider says that the address is verified. With an authenticator app set up, the answer is a 401 `totp_required`
    whose `sign_in_token` goes to `/auth/oidc/complete`.
    """
    found = await service.finish(_oidc(request), provider, sent, _cookie(request), dependencies.device(request))
    if isinstance(found, str):
        return RedirectResponse(found, 303, {"Cache-Control": NO_STORE})
    return _keep(request, answer(found), "")


@routes.post(
    "/complete",
    response_model=TokenPair,
    responses=problems(SignInExpired, InvalidCredentials, TotpRequired, InvalidTotpCode, TooManySignIns),
)
async def complete_oidc(body: SecondStep, request: Request) -> Response:
    """Finish signing in with a provider: by a code of the authenticator app, or from the page that it led to.

    The token works once, for five minutes, and from a page only in the browser that came for it.
    """
    pair = await service.complete(_oidc(request), body, _cookie(request), dependencies.device(request))
    return _keep(request, answer_kept(request, pair) if body.session else answer(pair), "")


def _cookie(request: Request) -> str:
    return request.cookies.get(_cookie_name(request), "")


def _cookie_name(request: Request) -> str:
    return _HOST_COOKIE if _oidc(request).base_url.startswith("https://") else _COOKIE


def _keep(request: Request, response: Response, value: str) -> Response:
    """Lax, not Strict: the browser comes back from another site. An empty value takes the cookie away."""
    name = _cookie_name(request)
    response.set_cookie(
        name, value, max_age=SECONDS if value else 0, secure=name == _HOST_COOKIE, httponly=True, samesite="lax"
    )
    return response
