"""Routes that take files: asked who is there before a byte is read, and in no transaction while the bytes flow.

A `Receiver` among the dependencies of a route takes the body; what it made of it is what the route's function gets.
Only then the transaction of the request begins, as that of any other: with its Idempotency-Key, `Prefer` and repeats.
What was received for a request that came to nothing is discarded.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from fastapi import Request
from pydantic_core import to_json
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from taskapi.core.errors import AppError, RequestTimeout, TooLarge
from taskapi.core.http import multipart, transaction
from taskapi.core.http.bodies import JsonRequest
from taskapi.core.http.multipart import Field, File
from taskapi.core.http.transaction import Handler, OutcomeUnknown, WriteSession

_T = TypeVar("_T")

Part = Field | File
LONGEST_SECONDS: Final = 3600.0
"""From the first byte to the last. The sweep of stored files counts on it: what is older belongs to no upload."""
_RECEIVED: Final = "taskapi.received"
_STORED: Final = "taskapi.stored"


class Receiver(ABC, Generic[_T]):
    """A dependency of a route whose body is read while it comes."""

    errors: tuple[type[AppError], ...] = (TooLarge, RequestTimeout)

    async def __call__(self, request: Request, session: WriteSession) -> _T:
        """What was received. It counts as kept once the route's transaction is, or may be, committed."""
        session.after_commit.append(lambda: request.scope.__setitem__(_STORED, True))
        received: _T = request.scope[_RECEIVED]
        return received

    @abstractmethod
    def most_bytes(self, request: Request) -> int:
        """How many all parts may have together."""

    @abstractmethod
    async def receive(self, request: Request, parts: AsyncIterator[Part]) -> _T:
        """Ask what the caller may, in a session that is closed before the first part is asked for; then take them.

        Who fails in the middle leaves nothing behind.
        """

    @abstractmethod
    async def discard(self, request: Request, received: _T) -> None:
        """The request came to nothing."""

    @abstractmethod
    def meaning(self, received: _T) -> object:
        """What was sent, as JSON: a repeat with the same Idempotency-Key has to mean the same."""


async def answer(receiver: Receiver[Any], run: Handler, request: Request) -> Response:
    """As `transaction.answer`, for a request whose body `receiver` takes first."""
    received = await _receive(receiver, request)
    scope = request.scope
    scope[_RECEIVED], scope[_STORED] = received, False
    try:
        return await transaction.answer(run, _with_body(request, to_json(receiver.meaning(received))))
    except OutcomeUnknown:
        scope[_STORED] = True  # it may be; the sweep finds out
        raise
    finally:
        if not scope[_STORED]:
            await asyncio.shield(receiver.discard(request, received))


async def _receive(receiver: Receiver[_T], request: Request) -> _T:
    most = receiver.most_bytes(request)
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > most:
        raise TooLarge(f"All parts together may have {most} bytes")
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await receiver.receive(request, multipart.parts_of(request, most))
    except TimeoutError:
        raise RequestTimeout(f"A body has to be whole within {LONGEST_SECONDS:g} seconds") from None


def _with_body(request: Request, body: bytes) -> Request:
    """For whoever asks what the request said; its own body is gone."""
    told = JsonRequest(request.scope, request.receive)
    told._body = body  # noqa: SLF001 - as Starlette keeps one that was read
    return told


def streaming(routes: Sequence[BaseRoute]) -> Callable[[Scope], bool]:
    """Whether a request is for one of these that count their bodies themselves."""
    counting = [route for route in routes if getattr(route, "receiver", None) is not None]

    def streams(scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in counting)

    return streams


def described(properties: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    """The body of such a route for the OpenAPI document."""
    examples = [{name: schema.get("examples", ["(what is in the file)"])[0] for name, schema in properties.items()}]
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        "examples": examples,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
