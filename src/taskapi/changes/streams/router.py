"""GET /changes/stream, the WebSocket /ws, and the tickets for it."""

import random
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from pydantic import WithJsonSchema
from pydantic_core import to_json
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect, WebSocketState

from taskapi.auth.dependencies import AnyCaller, Bearer, identify
from taskapi.changes.streams import service
from taskapi.changes.streams.conversation import converse
from taskapi.changes.streams.errors import OriginNotAllowed, TooManyStreams
from taskapi.changes.streams.hub import Hub
from taskapi.changes.streams.schemas import StreamTicket, StreamWanted
from taskapi.changes.streams.subscriptions import Subscription
from taskapi.changes.sync.errors import CursorExpired
from taskapi.changes.sync.schemas import MAX_CURSOR, ChangesWanted
from taskapi.core.callers import Caller
from taskapi.core.errors import AppError, Invalid, InvalidCursor, NotFound
from taskapi.core.fields import rfc3339
from taskapi.core.http import origins, refusals
from taskapi.core.http.answers import secret_answer
from taskapi.core.http.idempotency import AnswerNotKept
from taskapi.core.http.problems import problems
from taskapi.core.http.query import Query, query
from taskapi.core.http.route import router
from taskapi.core.http.server_sent import EventStream, event
from taskapi.core.http.transaction import WriteSession
from taskapi.core.parts import parts

routes = router("/api/v1/changes", "changes")
sockets = router("/api/v1/ws", "changes")

_LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The `id` of the last event that you have; goes before `since`. Browsers send it by themselves",
        min_length=1,
        max_length=MAX_CURSOR,
    ),
    # An example in a header is ASCII, for HTTP carries no other letters.
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_CURSOR, "examples": ["WyI4MTMiLCIxIl0"]}),
]
_RETRY_MS = (1_000, 4_000)  # after a restart everybody comes again, and not all at once


class _BearerOrTicket(Bearer):
    async def __call__(self, request: Request) -> Caller:
        ticket = request.query_params.get("ticket")
        return await super().__call__(request) if ticket is None else await service.use_ticket(parts(request), ticket)


def _hub(connection: Request | WebSocket) -> Hub:
    hub: Hub = connection.app.state.hub
    return hub


@routes.get(
    "/stream",
    status_code=200,
    response_class=EventStream,
    responses={
        200: {
            "description": "Events without an end",
            "content": {"text/event-stream": {"schema": {"type": "string", "description": "Server-sent events"}}},
        },
        **problems(InvalidCursor, NotFound, CursorExpired, TooManyStreams),
    },
)
async def stream_changes(
    request: Request,
    caller: Annotated[Caller, Depends(_BearerOrTicket())],
    params: Annotated[StreamWanted, query(StreamWanted)],
    last_event_id: _LastEventId = None,
) -> Response:
    """Follow what changes as it happens, as server-sent events: what `GET /changes` lists, and then without an end.

    Each event's data is one change or marker, its id the cursor behind it. `Last-Event-ID` or `since` goes on from
    there, without a gap and nothing twice. Every 15 seconds without an event a comment and the newest id say that the
    stream lives. An EventSource cannot send your token: give it `ticket`.

    Before it ends, an event of the type `end` says why: `leaving` and `renewed` (come again with your cursor),
    `too_slow` (256 events were waiting; likewise), `signed_out`, `project_lost`.
    """
    hub = _hub(request)
    subscription = await service.open_stream(hub, caller, params, last_event_id)
    return EventStream(_events(hub, subscription), lambda: hub.leave(subscription))


async def _events(hub: Hub, subscription: Subscription) -> AsyncIterator[bytes]:
    retry: int | None = _retry()
    try:
        async for batch in service.batches(hub, subscription):
            if batch.items:
                yield b"".join([item.event for item in batch.items])
            else:
                yield event(comment="connected" if retry else "ping", id=batch.cursor, retry=retry)
            retry = None
        assert subscription.ending is not None
        yield _end(subscription.ending.code, subscription.ending.detail)
    except AppError as error:  # the answer has begun, so that this can be no problem document
        yield _end(error.code, error.detail)


def _end(code: str, detail: str) -> bytes:
    return event(event="end", data_str=to_json({"code": code, "detail": detail}).decode(), retry=_retry())


def _retry() -> int:
    return random.randint(*_RETRY_MS)  # noqa: S311 - only spreads load


@sockets.post("/ticket", status_code=201, response_model=StreamTicket, responses=problems(AnswerNotKept))
async def create_ticket(request: Request, session: WriteSession, caller: AnyCaller) -> Response:
    """Get a ticket, which opens one WebSocket at `/api/v1/ws` or one `/changes/stream` within half a minute, as you.

    Browsers cannot send your token with a WebSocket or an EventSource, and in an address it would stand in logs; a
    ticket that was used is worth nothing there. The stream lasts as long as the session or API token that asked for
    its ticket.
    """
    ticket, expires_at = await service.issue_ticket(session, parts(request), caller)
    return secret_answer({"ticket": ticket, "expires_at": rfc3339(expires_at)})


@sockets.websocket("")
async def follow_changes(socket: WebSocket) -> None:
    """See docs/sync.md: the OpenAPI document has no words for WebSockets."""
    hub = _hub(socket)
    try:
        _require_origin(socket)
        asked: StreamWanted = await _asked(socket)
        caller = await _whose(socket, hub, asked.ticket)
    except AppError as error:
        await refusals.refuse(error, socket.scope, socket.receive, socket.send)
        return
    await socket.accept()
    wanted = ChangesWanted(since=asked.since, project=asked.project, kind=asked.kind)
    address = socket.client.host if socket.client else None
    await converse(hub, _Socket(socket), caller, wanted, address)


def _require_origin(socket: WebSocket) -> None:
    if not origins.may_connect(socket, _hub(socket).parts.settings):
        raise OriginNotAllowed("Name the origin of your page in CORS_ORIGINS")


async def _asked(socket: WebSocket) -> StreamWanted:
    try:
        return await Query(StreamWanted)(socket)  # type: ignore[arg-type] # it reads the query string, and no more
    except RequestValidationError as error:
        faults = ((f"/query/{fault['loc'][-1]}", fault["type"], fault["msg"]) for fault in error.errors())
        raise Invalid("The query is not valid; see errors", *faults) from None


async def _whose(socket: WebSocket, hub: Hub, ticket: str | None) -> Caller | None:
    """By its ticket, or by the header that programs can send; None: the first message will say."""
    if ticket is not None:
        return await service.use_ticket(hub.parts, ticket)
    if "authorization" in socket.headers:
        return await identify(socket.scope)
    return None


class _Socket:
    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send({"type": "websocket.send", "text": text})
        except WebSocketDisconnect as gone:
            raise ConnectionError from gone

    async def receive(self) -> str | None:
        if self._socket.client_state is WebSocketState.DISCONNECTED:
            return None
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        return message.get("text") or ""

    async def close(self, code: int, reason: str) -> None:
        if self._socket.client_state is not WebSocketState.DISCONNECTED:
            await self._socket.close(code, reason)
