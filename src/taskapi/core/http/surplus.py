"""What a request carries beyond what its route takes: query parameters, a body, a wish to try it first.

Ignored, each would be a promise that nobody keeps: `DELETE …?permanant=true` would fill the trash. A check that is
about to refuse asks first who is there.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from taskapi.core.errors import Invalid, MalformedBody
from taskapi.core.http.bodies import receive, require_content_type
from taskapi.core.http.query import pairs
from taskapi.core.http.transaction import only_validates

Ask = Callable[[Request], Awaitable[None]]
"""Raises what the guards of the route have against whoever is there."""
Check = Callable[[Request, Ask], Awaitable[None]]
_DETAIL: Final = "This address takes no body; leave it out, or send {}"
_BLANKS: Final = b" \t\r\n"


class NotADryRun(Invalid):
    """What is under /auth signs people in and out, mails and counts: that cannot be rolled back."""

    code, title = "not_a_dry_run", "This cannot be tried without effect"


async def no_query(request: Request, ask: Ask) -> None:
    if not request.scope["query_string"]:
        return
    await ask(request)
    names = dict.fromkeys(name for name, _ in pairs(request))
    message = "There is no such parameter here"
    raise RequestValidationError([{"loc": ("query", n), "type": "extra_forbidden", "msg": message} for n in names])


def has_no_body(request: Request) -> bool:
    """As its head says (RFC 9112 §6.3)."""
    return request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers


async def no_body(request: Request, ask: Ask) -> None:
    """Nothing, or `{}`: what many clients send where there is nothing to say."""
    if has_no_body(request):
        return
    if "transfer-encoding" not in request.headers:
        require_content_type(request, form=False)
    body = await receive(request)
    if not body:
        return
    require_content_type(request, form=False)
    if body.translate(None, delete=_BLANKS) == b"{}":
        return
    await ask(request)
    try:
        await request.json()
    except json.JSONDecodeError as error:
        raise MalformedBody(f"The body is not valid JSON: {error.msg}") from None
    raise Invalid(_DETAIL, ("", "extra_forbidden", _DETAIL))


async def no_dry_run(request: Request, ask: Ask) -> None:
    if not only_validates(request):
        return
    await ask(request)
    detail = "Under /auth nothing can be tried without effect; leave Prefer: validate-only out"
    raise NotADryRun(detail, ("/header/Prefer", "not_a_dry_run", detail))
