"""What a request carries beyond what its route takes: query parameters, a body, a wish to try it first.

Ignored, each would be a promise that nobody keeps: `DELETE …?permanant=true` would fill the trash. A check answers
with the refusal, so that the route can ask first who is there.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from taskapi.core.errors import BadRequest, Invalid, MalformedBody
from taskapi.core.http.bodies import require_content_type
from taskapi.core.http.query import pairs
from taskapi.core.http.transaction import only_validates

Check = Callable[[Request], Awaitable[Exception | None]]
_DETAIL: Final = "This address takes no body; leave it out, or send {}"


class NotADryRun(Invalid):
    """What is under /auth signs people in and out, mails and counts: that cannot be rolled back."""

    code, title = "not_a_dry_run", "This cannot be tried without effect"


async def no_query(request: Request) -> Exception | None:
    if not request.scope["query_string"]:
        return None
    try:
        names = dict.fromkeys(name for name, _ in pairs(request))
    except BadRequest as error:
        return error
    message = "There is no such parameter here"
    return RequestValidationError([{"loc": ("query", n), "type": "extra_forbidden", "msg": message} for n in names])


async def no_body(request: Request) -> Exception | None:
    """Nothing, or `{}`: what many clients send where there is nothing to say."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return None
    if "transfer-encoding" not in headers:
        require_content_type(request, form=False)
    if not await request.body():
        return None
    require_content_type(request, form=False)
    try:
        said_nothing = await request.json() == {}
    except json.JSONDecodeError as error:
        return MalformedBody(f"The body is not valid JSON: {error.msg}")
    return None if said_nothing else Invalid(_DETAIL, ("", "extra_forbidden", _DETAIL))


async def no_dry_run(request: Request) -> Exception | None:
    if not only_validates(request):
        return None
    detail = "Under /auth nothing can be tried without effect; leave Prefer: validate-only out"
    return NotADryRun(detail, ("/header/Prefer", "not_a_dry_run", detail))
