"""The headers of requests and answers, and the refusals that any request may meet: declared once, for every operation.

They are read off the document as the routes made it. What has a `version` has an ETag, a page has a Link, and what
takes an Idempotency-Key may answer with a replay; so a new route declares nothing of this itself.
"""

import re
from collections.abc import Iterator
from typing import Final

from taskapi.core.errors import AppError, HeadersTooLarge, RequestTimeout, TooLarge, TooManyRequests
from taskapi.core.http.middleware import UriTooLong
from taskapi.core.http.problems import PROBLEM_TYPE, problems
from taskapi.core.http.query import Json

METHODS: Final = ("get", "post", "put", "patch", "delete")
_API: Final = "/api/"
_SCHEMAS: Final = "#/components/schemas/"
_JSON: Final = "application/json"
_MERGE_PATCH: Final = "application/merge-patch+json"
_RATE_LIMITS: Final = (
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)
_REPORTS: Final = "analytics"  # what they answer has no version, and a tag that follows the change log
_RETRY_LATER: Final = frozenset({"429", "503", "507"})
_ONE_CODE: Final = re.compile(r"`(\w+)`: [^`]+")
_PLAIN: Final = {PROBLEM_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}}
_NOT_MODIFIED: Final = "You have this already: the `ETag` you sent in `If-None-Match` is the newest. No body"


def _text(description: str, example: str, **schema: object) -> Json:
    return {"description": description, "schema": {"type": "string", "examples": [example], **schema}}


def _number(description: str, example: int) -> Json:
    return {"description": description, "schema": {"type": "integer", "minimum": 0, "examples": [example]}}


OF_ANSWERS: Final[Json] = {
    "Accept-Patch": _text("As what a PATCH may come (RFC 5789)", f"{_JSON}, {_MERGE_PATCH}"),
    "ETag": _text("The version of what the body shows: send it back as `If-Match` or `If-None-Match`", '"3"'),
    "Idempotency-Replayed": _text(
        "`true` where this is the stored answer to an earlier request with the same key", "true", enum=["true"]
    ),
    "Link": _text(
        "Where the next page is (RFC 8288); absent on the last one", '</api/v1/projects?limit=50&cursor=…>; rel="next"'
    ),
    "Location": _text("Where to go, or where to read what was made", "/api/v1/projects/WEB"),
    "Preference-Applied": _text(
        "`validate-only` where you asked for it: nothing was stored", "validate-only", enum=["validate-only"]
    ),
    "RateLimit": _text(
        "What is left of your limit, and for how many seconds; refusals carry it too", '"user";r=5999;t=44'
    ),
    "RateLimit-Policy": _text("The limit that counted this request, in requests and seconds", '"user";q=6000;w=60'),
    "Retry-After": _number("After how many seconds the same request may succeed", 1),
    "WWW-Authenticate": _text("How to sign in: with a bearer token", "Bearer"),
    "X-RateLimit-Limit": _number("How many requests a minute you may send", 6000),
    "X-RateLimit-Remaining": _number("How many of them are left", 5999),
    "X-RateLimit-Reset": _number("When they are all there again, in seconds since 1970", 1795254060),
    "X-Request-ID": _text(
        "The id of this request, yours if you sent one: name it when you report a problem", "01990f0e7b1c7e4a"
    ),
}
_IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the copy you have; the answer is a 304 without a body while it is the newest",
    "schema": {"type": "string", "examples": ['"3"']},
}
_REQUEST_ID: Final[Json] = {
    "name": "X-Request-ID",
    "in": "header",
    "required": False,
    "description": (
        "An id of your own for this request, to find it again in logs: 1 to 64 letters, digits, `.`, `_` and `-`. "
        "Without one, or with another text, the service makes one"
    ),
    "schema": {"type": "string", "examples": ["nightly-import-7"]},
}


def declare(document: Json) -> None:
    """Complete every operation; the document's own references lead to the headers and the 412s made here."""
    document["components"]["headers"] = OF_ANSWERS
    for method, path, operation in operations(document):
        _refusals_of_any_request(method, path, operation)
        _stale(document, path, operation)
        if method == "patch":
            _merge_patch(operation)
        has_tag = _versioned(document, operation) is not None or _REPORTS in operation.get("tags", ())
        if method == "get" and has_tag:
            operation["responses"]["304"] = {"description": _NOT_MODIFIED}
            operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        if path.startswith(_API):
            operation.setdefault("parameters", []).append(_REQUEST_ID)
        for status, response in operation["responses"].items():
            names = sorted(_headers(path, operation, status, response, has_tag=has_tag))
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        operation["responses"] = dict(sorted(operation["responses"].items()))
    _declare_once(document)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """The method, the path and the operation, of each."""
    for path, found in document["paths"].items():
        for method in METHODS:
            if method in found:
                yield method, path, found[method]


def parameter_names(operation: Json) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", [])}


def _refusals_of_any_request(method: str, path: str, operation: Json) -> None:
    refusals: list[type[AppError]] = [UriTooLong, HeadersTooLarge]
    refusals += [RequestTimeout, TooLarge] if method != "get" else []
    refusals += [TooManyRequests] if path.startswith(_API) else []
    for status, response in problems(*refusals).items():
        declared = operation["responses"].setdefault(str(status), response)
        codes = [*declared["description"].split("; "), *str(response["description"]).split("; ")]
        declared["description"] = "; ".join(dict.fromkeys(codes))


def _stale(document: Json, path: str, operation: Json) -> None:
    """A 412 carries the resource as it is now: for a client to merge into, so it has that type."""
    beside = document["paths"][path]
    current = _versioned(document, operation) or _versioned(document, beside.get("patch") or beside.get("get") or {})
    refusal = operation["responses"].get("412")
    if refusal is None or current is None:
        return
    name = f"Stale{current.removesuffix('Read')}"
    document["components"]["schemas"][name] = {
        "title": name,
        "description": "The problem of a stale `If-Match`, with what is stored now.",
        "allOf": [
            {"$ref": f"{_SCHEMAS}Problem"},
            {
                "type": "object",
                "required": ["current"],
                "properties": {
                    "current": {"$ref": _SCHEMAS + current, "description": "As it is now: merge your change into it"}
                },
            },
        ],
    }
    refusal["content"] = {PROBLEM_TYPE: {"schema": {"$ref": _SCHEMAS + name}}}


def _merge_patch(operation: Json) -> None:
    content = operation["requestBody"]["content"]
    content[_MERGE_PATCH] = content[_JSON]


def _takes_merge_patch(operation: Json) -> bool:
    return _MERGE_PATCH in operation.get("requestBody", {}).get("content", {})


def _headers(path: str, operation: Json, status: str, response: Json, *, has_tag: bool) -> Iterator[str]:
    yield "X-Request-ID"
    if path.startswith(_API) and (status[0] in "23" or status == "429"):
        yield from _RATE_LIMITS
    if status == "401":
        yield "WWW-Authenticate"
    if status == "415" and _takes_merge_patch(operation):
        yield "Accept-Patch"
    if status in _RETRY_LATER or "request_in_progress" in response["description"]:
        yield "Retry-After"
    if status in {"201", "302"}:
        yield "Location"
    if has_tag and status in {"200", "201", "304", "412"}:
        yield "ETag"
    if status.startswith("2"):
        if _answers_a_page(operation):
            yield "Link"
        sent = parameter_names(operation)
        yield from ["Idempotency-Replayed"] if "Idempotency-Key" in sent else []
        yield from ["Preference-Applied"] if "Prefer" in sent else []


def _declare_once(document: Json) -> None:
    """A refusal with one code is the same wherever it is declared: the document says it once, by its code."""
    shared: Json = {}
    document["components"]["responses"] = shared
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            found = _ONE_CODE.fullmatch(response["description"])
            if found is None or response.get("content") != _PLAIN:
                continue
            name = found[1].title().replace("_", "")
            if shared.setdefault(name, response) == response:
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _versioned(document: Json, operation: Json) -> str | None:
    """The name of the schema that it answers with, where that has a version, and so an ETag."""
    schema = _answer(operation).get("$ref", "").rpartition("/")[2]
    properties = document["components"]["schemas"].get(schema, {}).get("properties", {})
    return schema if "version" in properties and "items" not in properties else None


def _answers_a_page(operation: Json) -> bool:
    """Also where it may answer in groups instead, or a page tells more than its items."""
    answer = _answer(operation)
    names = [choice.get("$ref", "").removeprefix(_SCHEMAS) for choice in answer.get("anyOf", [answer])]
    return any(name.startswith("Page_") or name.endswith("Page") for name in names)


def _answer(operation: Json) -> Json:
    """The schema of its JSON, where it succeeds; empty where it has none."""
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            found: Json = response.get("content", {}).get(_JSON, {}).get("schema", {})
            return found
    return {}
