"""Optimistic concurrency: ETag, If-Match (412 when stale) and If-None-Match (304), RFC 9110 §13."""

import re
from typing import Annotated

import pydantic_core
from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from taskapi.core.answers import Document
from taskapi.core.errors import PreconditionFailed

_TAG = re.compile(r'(W/)?"([^"]*)"')

IfMatch = Annotated[
    str | None,
    Header(description='The `ETag` you read, e.g. `"3"`; when it is stale, the answer is a 412', max_length=1000),
]


def require_match(if_match: str | None, document: Document) -> None:
    """Stop a write by somebody who has not seen the newest version. Compares strongly: a weak tag never matches."""
    if if_match is None or if_match.strip() == "*":
        return
    if not any(not weak and tag == str(document.version) for weak, tag in _TAG.findall(if_match)):
        raise PreconditionFailed(
            f"You sent If-Match: {_shown(if_match)}, and the newest version is {document.version}",
            headers={"ETag": f'"{document.version}"'},
            current=pydantic_core.from_json(document.json),
        )


def not_modified(request: Request, response: Response) -> Response:
    """The answer, or a 304 when the client already has this version."""
    wanted = request.headers.get("if-none-match")
    etag = response.headers.get("etag")
    if wanted is None or etag is None or response.status_code != 200:  # noqa: PLR2004 - OK
        return response
    if wanted.strip() == "*" or etag.strip('"') in {tag for _, tag in _TAG.findall(wanted)}:
        return Response(status_code=304, headers={"ETag": etag})
    return response


def _shown(if_match: str) -> str:
    return ", ".join(f'{weak}"{tag}"' for weak, tag in _TAG.findall(if_match)[:3]) or "something else"
