"""The session of a browser: its refresh token in a cookie that no script reads, taken from pages of ours alone."""

from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from taskapi.auth import callers
from taskapi.auth.dependencies import BearerWithScope
from taskapi.auth.sessions.errors import NotFromOurPage
from taskapi.auth.sessions.schemas import RefreshRequest
from taskapi.auth.sessions.service import Pair
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.errors import Invalid, InvalidToken, Unauthorized
from taskapi.core.http import origins
from taskapi.core.http.query import Json
from taskapi.core.http.transaction import remember_caller
from taskapi.core.parts import parts
from taskapi.core.urls import public_url
from taskapi.settings import Settings

# The prefix makes browsers refuse it without TLS, and from a host beside ours (RFC 6265bis §4.1.3).
_HOST_COOKIE: Final = "__Host-rt"
# Where the service is tried out on the machine of whoever looks at it, there is no TLS.
_LOOPBACK_COOKIE: Final = "rt"
_REQUESTED_BY: Final = "X-Requested-By"
READS_COOKIE: Final[Json] = {
    "parameters": [
        {
            "name": _REQUESTED_BY,
            "in": "header",
            "required": False,
            "description": "Any value; needed where the cookie of a session is to count, as is an `Origin` of ours",
            "schema": {"type": "string", "examples": ["taskapi"]},
        }
    ]
}


class BearerOrCookie(BearerWithScope):
    """Reads `Authorization: Bearer`, and where that opens nothing the cookie: a page's token may have run out."""

    errors = (*BearerWithScope.errors, NotFromOurPage)

    async def __call__(self, request: Request) -> Caller:
        if "authorization" in request.headers or not has_cookie(request):
            try:
                return await super().__call__(request)
            except InvalidToken:
                if not (has_cookie(request) and _is_from_our_page(request)):
                    raise
        try:
            caller = await callers.verify_refresh(parts(request), _read(request))
        except Unauthorized as error:
            raise _forgotten(request, error) from None
        remember_caller(request, caller)
        return caller


CallerWhoLeaves = Annotated[Caller, Depends(BearerOrCookie())]


def has_cookie(request: Request) -> bool:
    return _name(parts(request).settings) in request.cookies


def presented(request: Request, data: RefreshRequest) -> str:
    """The refresh token of the body, else that of the cookie."""
    if data.refresh_token is not None:
        return data.refresh_token
    if data.session is None and not has_cookie(request):
        raise Invalid("A refresh token is needed", ("/refresh_token", "missing", "Field required"))
    return _read(request)


def goes_into_cookie(data: RefreshRequest) -> bool:
    """What came in the cookie never leaves in a body, where a script could read it, whatever was asked for."""
    return data.session is not None or data.refresh_token is None


def keep(request: Request, pair: Pair) -> dict[str, str]:
    """The header that makes the browser keep the session until it ends."""
    seconds = int((pair.ends_at - utc_now()).total_seconds())
    return {"Set-Cookie": _cookie(parts(request).settings, pair.refresh_token, max(seconds, 0))}


def refused(request: Request, data: RefreshRequest, error: Unauthorized) -> Unauthorized:
    """A cookie that opens nothing any more goes with the refusal."""
    return _forgotten(request, error) if data.refresh_token is None else error


def signed_out(request: Request, response: Response) -> Response:
    if has_cookie(request):
        response.headers["Set-Cookie"] = _cookie(parts(request).settings, "", 0)
    return response


def _read(request: Request) -> str:
    if not _is_from_our_page(request):
        raise NotFromOurPage(
            f"Send {_REQUESTED_BY}, from a page of PUBLIC_URL or of an origin that CORS_ORIGINS names;"
            " other programs send their token in the body"
        )
    token = request.cookies.get(_name(parts(request).settings))
    if token is None:
        raise Unauthorized("There is no session in a cookie; sign in")
    return token


def _is_from_our_page(request: Request) -> bool:
    """Neither can be sent from elsewhere without our consent.

    The header would need a preflight, and browsers alone write the origin. Old ones do not know SameSite, which would
    keep the cookie back.
    """
    return _REQUESTED_BY in request.headers and origins.is_ours(request, parts(request).settings)


def _forgotten(request: Request, error: Unauthorized) -> Unauthorized:
    error.headers["Set-Cookie"] = _cookie(parts(request).settings, "", 0)
    return error


def _cookie(settings: Settings, value: str, seconds: int) -> str:
    name = _name(settings)
    secure = " Secure;" if name == _HOST_COOKIE else ""
    return f"{name}={value};{secure} HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}"


def _name(settings: Settings) -> str:
    url = urlsplit(public_url(settings))
    return _LOOPBACK_COOKIE if url.scheme == "http" and _is_loopback(url.hostname or "") else _HOST_COOKIE


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
