"""Optimistic concurrency: ETag, If-Match (412 when stale) and If-None-Match (304), RFC 9110 §13."""

import re
from typing import Annotated, Final

from fastapi import Header
from fastapi.dependencies.models import Dependant
from pydantic import WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

_TAG: Final = re.compile(r'(W/)?"([^"]*)"')
_IF_MATCH: Final = "If-Match"
_MAX_LENGTH: Final = 1000

# `"3-0badf00d"` stands for version 3 as one caller saw it. Only the version says whether a write is stale.
IfMatch = Annotated[
    str | None,
    Header(
        alias=_IF_MATCH,
        description='The `ETag` you read, e.g. `"3"`; when its version is stale, the answer is a 412',
        max_length=_MAX_LENGTH,
    ),
    WithJsonSchema({"type": "string", "maxLength": _MAX_LENGTH}),
]


def are_taken_by(dependant: Dependant) -> bool:
    """Whether a route honours If-Match."""
    return any(field.alias == _IF_MATCH for field in dependant.header_params)


def not_modified(request: Request, response: Response) -> Response:
    """The answer, or a 304 when the client already has this very body."""
    etag = response.headers.get("etag")
    if etag is None or response.status_code != 200:  # noqa: PLR2004 - OK
        return response
    return unchanged(etag) if is_known(request, etag) else response


def is_known(request: Request, etag: str) -> bool:
    """Whether the client has what this tag stands for; for who can tell before the answer is made."""
    wanted = request.headers.get("if-none-match")
    if wanted is None:
        return False
    return wanted.strip() == "*" or etag.strip('"') in {tag for _, tag in _TAG.findall(wanted)}


def unchanged(etag: str) -> Response:
    return Response(status_code=304, headers={"ETag": etag})
