"""Optimistic concurrency: ETag, If-Match (412 when stale) and If-None-Match (304), RFC 9110 §13."""

import re
from typing import Annotated, Final

from fastapi import Header
from pydantic import WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

_TAG: Final = re.compile(r'(W/)?"([^"]*)"')
_IF_MATCH: Final = "If-Match"
_MAX_LENGTH: Final = 1000

IfMatch = Annotated[
    str | None,
    Header(
        alias=_IF_MATCH,
        description='The `ETag` you read, e.g. `"3"`; when its version is stale, the answer is a 412',
        max_length=_MAX_LENGTH,
    ),
    WithJsonSchema({"type": "string", "maxLength": _MAX_LENGTH}),
]


def not_modified(request: Request, response: Response) -> Response:
    """The answer, or a 304 when the client already has this version."""
    wanted = request.headers.get("if-none-match")
    etag = response.headers.get("etag")
    if wanted is None or etag is None or response.status_code != 200:  # noqa: PLR2004 - OK
        return response
    if wanted.strip() == "*" or etag.strip('"') in {tag for _, tag in _TAG.findall(wanted)}:
        return Response(status_code=304, headers={"ETag": etag})
    return response
