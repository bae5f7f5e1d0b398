"""Request bodies: of a type that the route takes, parsed strictly."""

import email.message
import json
import re
from typing import Any, Final

import pydantic_core
from fastapi import Request

from taskapi.core.errors import UnsupportedMediaType

MAX_DEPTH: Final = 64
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_JSON: Final = ("application/json",)
_MERGE_PATCH: Final = ("application/json", "application/merge-patch+json")  # RFC 7396
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class JsonRequest(Request):
    """Parses JSON strictly and fast: no NaN, no lone surrogates, no more than 64 levels."""

    async def json(self) -> Any:  # noqa: ANN401
        body = await self.body()
        try:
            parsed = pydantic_core.from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        # Only now: the parser stops at 200 levels at once, and vouches for the strings, which are cut out below.
        if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(body):
            raise json.JSONDecodeError(f"nested more than {MAX_DEPTH} levels deep", "", 0)
        return parsed


def require_content_type(request: Request, *, form: bool) -> None:
    accepted = _FORMS if form else _MERGE_PATCH if request.method == "PATCH" else _JSON
    headers = {"Accept-Patch": ", ".join(accepted)} if request.method == "PATCH" else {}  # RFC 5789 §2.2
    if "content-encoding" in request.headers:
        raise UnsupportedMediaType("Send the body without a Content-Encoding", headers=headers)
    found = request.headers.get("content-type", "")
    if found in accepted:
        return
    message = email.message.Message()
    message["content-type"] = found or "none/none"
    if message.get_content_type() not in accepted:
        detail = f"Send the body as {' or '.join(accepted)}, and say so in Content-Type"
        raise UnsupportedMediaType(detail, headers=headers)


def _is_too_deep(body: bytes) -> bool:
    """Whether the brackets of this valid JSON nest deeper than allowed; each pass removes the innermost level."""
    skeleton = _STRINGS.sub(b"", body).translate(_SQUARE, delete=_ALL_BUT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not skeleton:
            return False
        skeleton = skeleton.replace(b"[]", b"")
    return bool(skeleton)
