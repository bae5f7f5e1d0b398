"""Request bodies: of a type that the route takes, counted before they are parsed, and parsed strictly.

A mebibyte is not much, but of the smallest parts it is half a million objects and an error for each: a second in
which nobody else is served. What is counted costs a millisecond.
"""

import email.message
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import pydantic_core
from fastapi import Request
from starlette.requests import ClientDisconnect

from taskapi.core.errors import MAX_FAULTS, BadRequest, Invalid, UnsupportedMediaType
from taskapi.core.http.pointers import pointer

MAX_DEPTH: Final = 64
# Values and names, about: each is announced by one of these. A hundred operations of twenty fields have half as many;
# twice as many, half of them unknown names, would hold the loop for 50 ms.
MAX_MARKS: Final = 10_000
_MARKS: Final = b"[{,:"
# As many as a form in parts may have.
MAX_FORM_FIELDS: Final = 1_000
# Matches whatever follows a quote, to the end where there is no other: a failure would be tried again at each of them.
_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_SQUARE: Final = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_JSON: Final = ("application/json",)
_MERGE_PATCH: Final = ("application/json", "application/merge-patch+json")  # RFC 7396
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class TooComplex(Invalid):
    """The body has more parts than any request needs: send less at once."""

    code, title = "too_complex", "The body has too many parts"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, ("", self.code, detail))


class JsonRequest(Request):
    """Parses JSON strictly and fast: no NaN, no lone surrogates, no name twice, no more than 64 levels."""

    async def json(self) -> Any:  # noqa: ANN401
        body = await self.body()
        if _has_too_many_marks(body):
            raise TooComplex(f"A body may have about {MAX_MARKS} names and values; send less at once")
        try:
            parsed = pydantic_core.from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        # Only now: the parser stops at 200 levels at once, and vouches for the strings, which are cut out below.
        if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(body):
            raise json.JSONDecodeError(f"nested more than {MAX_DEPTH} levels deep", "", 0)
        _require_distinct_names(body, parsed)
        return parsed


async def receive(request: Request) -> bytes:
    """The whole body, which the request keeps."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise BadRequest("The connection ended before the body") from None


async def require_simple_form(request: Request) -> None:
    """One in parts is bounded by its parser, which skips what stands in them."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        return
    form = await request.body()
    if form.count(b"&") + form.count(b";") > MAX_FORM_FIELDS or form.count(b"%") > MAX_MARKS:
        raise TooComplex(f"A form may have {MAX_FORM_FIELDS} fields, and {MAX_MARKS} escaped characters in them")


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


def _has_too_many_marks(body: bytes) -> bool:
    """Those in texts do not count, where somebody may have pasted a log."""
    if len(body) <= MAX_MARKS or _marks(body) <= MAX_MARKS:
        return False
    # Among so many strings there are as many marks, or it is no JSON; then the rest may stay as it is.
    skeleton, strings = _STRINGS.subn(b"", body, MAX_MARKS + 1)
    return strings > MAX_MARKS or _marks(skeleton) > MAX_MARKS


def _marks(body: bytes) -> int:
    return len(body) - len(body.translate(None, delete=_MARKS))


def _require_distinct_names(body: bytes, parsed: object) -> None:
    """RFC 8259 leaves open which of two counts: a proxy may have judged by the one, and we would act on the other.

    Each name has a colon. When there are more of them than the parser kept names, some stand in strings, or else a name
    came twice; only then it is worth while to look for it.
    """
    names = _names(parsed)
    if body.count(b":") == names or _STRINGS.sub(b"", body).count(b":") == names:
        return
    written = json.loads(body, object_pairs_hook=_Members, parse_int=str, parse_float=str)
    detail = "This name stands twice in one object"
    found = islice(_repeated(written, ()), MAX_FAULTS)
    raise Invalid(f"{detail}; see errors", *((pointer(path), "duplicate_name", detail) for path in found))


def _names(parsed: object) -> int:
    if isinstance(parsed, dict):
        return len(parsed) + sum(map(_names, parsed.values()))
    return sum(map(_names, parsed)) if isinstance(parsed, list) else 0


class _Members(list[tuple[str, object]]):
    """An object as it was written."""


def _repeated(written: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    seen: set[str | int] = set()
    members = written if isinstance(written, _Members) else enumerate(written) if isinstance(written, list) else ()
    for name, value in members:
        if name in seen:
            yield (*path, name)
        seen.add(name)
        yield from _repeated(value, (*path, name))


def _is_too_deep(body: bytes) -> bool:
    """Whether the brackets of this valid JSON nest deeper than allowed; each pass removes the innermost level."""
    skeleton = _STRINGS.sub(b"", body).translate(_SQUARE, delete=_ALL_BUT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not skeleton:
            return False
        skeleton = skeleton.replace(b"[]", b"")
    return bool(skeleton)
