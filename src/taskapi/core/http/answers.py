"""How a resource becomes a response: its JSON as it came from the database, its version as the ETag."""

from collections.abc import Mapping

import pydantic_core
from starlette.responses import Response

from taskapi.core.resources.document import Document

JSON_TYPE = "application/json"
NO_STORE = "no-store"


def json_answer(
    fields: Mapping[str, object], raw: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer made of values; `raw` members are JSON texts already."""
    text = pydantic_core.to_json(fields).decode()
    for name, value in (raw or {}).items():
        text = f'{text[:-1]},"{name}":{value}}}'
    return Response(text, 200, headers, JSON_TYPE)


def resource(document: Document, *, status: int = 200, location: str | None = None) -> Response:
    headers = {"ETag": document.etag}
    if location is not None:
        headers["Location"] = location
    return Response(document.json, status, headers, JSON_TYPE)


def created(document: Document, location: str) -> Response:
    return resource(document, status=201, location=location)


def text_answer(text: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON text as the database rendered it, without a version."""
    return Response(text, status, headers, JSON_TYPE)


def unchanging(fields: Mapping[str, object]) -> Response:
    """One resource that is made and ended, but never changed: its version is 1 for ever."""
    return resource(Document(pydantic_core.to_json(fields).decode(), 1, pure=False))


def secret_answer(
    fields: Mapping[str, object], made: Document | None = None, location: str | None = None, *, status: int = 201
) -> Response:
    """What was made, with a secret that is shown this once: neither caches nor an Idempotency-Key may keep it.

    `made` is the resource as it will be read at `location` from now on, without the secret: the ETag is of that.
    """
    headers = {"Cache-Control": NO_STORE}
    if made is not None:
        headers["ETag"] = made.etag
    if location is not None:
        headers["Location"] = location
    return Response(pydantic_core.to_json(fields), status, headers, JSON_TYPE)


def no_content() -> Response:
    return Response(status_code=204)


def accepted() -> Response:
    """For what will happen, or will not, without the client's being told which."""
    return Response(status_code=202)
