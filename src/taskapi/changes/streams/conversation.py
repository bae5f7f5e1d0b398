"""What is said over a WebSocket: who it is, what they want to hear, and then the changes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from taskapi.auth import callers
from taskapi.changes.streams import service
from taskapi.changes.streams.hub import Hub
from taskapi.changes.streams.items import Ending
from taskapi.changes.streams.schemas import Auth, Ping, Said, Subscribe
from taskapi.changes.streams.subscriptions import Subscription
from taskapi.changes.sync.schemas import ChangesWanted
from taskapi.core.callers import Caller
from taskapi.core.errors import AppError, NotFound, TooManyRequests, Unauthorized, Unavailable

_E = TypeVar("_E", bound=BaseException)
_SIGN_IN_SECONDS: Final = 10.0
_SEND_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 2.0
# Of a client, who has to sign in, to choose, and to ask whether we are there.
_MESSAGES, _WITHIN_SECONDS = 20, 10.0
_POLICY_VIOLATION: Final = 1008
_TRY_AGAIN_LATER: Final = 1013
_INTERNAL: Final = 1011
_UNAUTHORIZED: Final = 4401
_CODES: Final[tuple[tuple[type[AppError], int], ...]] = (
    (Unauthorized, _UNAUTHORIZED),
    (NotFound, 4404),
    (TooManyRequests, 4429),
    (Unavailable, _TRY_AGAIN_LATER),
)
_SAID: Final = TypeAdapter[Auth | Ping | Subscribe](Said)


class Socket(Protocol):
    """The other end."""

    async def send(self, text: str) -> None: ...

    async def receive(self) -> str | None:
        """The next message; None: they are gone."""

    async def close(self, code: int, reason: str) -> None: ...


class _Closed(Exception):
    def __init__(self, code: int, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.detail = code, reason, detail


class _Gone(Exception):
    pass


async def converse(hub: Hub, socket: Socket, caller: Caller | None, asked: ChangesWanted, address: str | None) -> None:
    """Until one of the two has enough. Without a caller, the first message says who it is."""
    try:
        if caller is None:
            caller = await _sign_in(hub, socket, address)
        await socket.send('{"type":"signed_in"}')
        async with asyncio.TaskGroup() as group:
            group.create_task(_listen(hub, socket, caller, asked, group))
    except* (_Gone, ConnectionError):
        pass
    except* _Closed as closings:
        await _close(socket, _first(closings))
    except* AppError as refusals:
        error = _first(refusals)
        number = next((number for kind, number in _CODES if isinstance(error, kind)), _POLICY_VIOLATION)
        await _close(socket, _Closed(number, error.code, error.detail))


async def _listen(hub: Hub, socket: Socket, caller: Caller, asked: ChangesWanted, group: asyncio.TaskGroup) -> None:
    telling = group.create_task(_tell(hub, socket, caller, asked))
    async for message in _messages(socket):
        if isinstance(message, Ping):
            await socket.send('{"type":"pong"}')
        elif isinstance(message, Subscribe):
            telling.cancel()
            await asyncio.wait({telling})
            telling = group.create_task(_tell(hub, socket, caller, message))
        else:
            raise _Closed(_POLICY_VIOLATION, "signed_in_already")
    raise _Gone


async def _tell(hub: Hub, socket: Socket, caller: Caller, asked: ChangesWanted) -> None:
    subscription = await service.open_stream(hub, caller, asked)
    try:
        is_first = True
        async for batch in service.batches(hub, subscription):
            async with asyncio.timeout(_SEND_SECONDS):
                for item in batch.items:
                    await socket.send(item.message)
                if not batch.items:
                    kind = "subscribed" if is_first else "heartbeat"
                    await socket.send(f'{{"type":"{kind}","cursor":"{batch.cursor}"}}')
            is_first = False
        raise _ended(subscription)
    except TimeoutError:
        raise _Closed(Ending.TOO_SLOW.number, Ending.TOO_SLOW.code) from None
    finally:
        await hub.leave(subscription)


def _ended(subscription: Subscription) -> _Closed:
    ending = subscription.ending
    assert ending is not None
    return _Closed(ending.number, ending.code, ending.detail)


async def _sign_in(hub: Hub, socket: Socket, address: str | None) -> Caller:
    try:
        async with asyncio.timeout(_SIGN_IN_SECONDS):
            text = await socket.receive()
    except TimeoutError:
        raise _Closed(_UNAUTHORIZED, "no_sign_in") from None
    if text is None:
        raise _Gone
    message = _understood(text)
    if not isinstance(message, Auth) or (message.token is None) == (message.ticket is None):
        raise _Closed(_UNAUTHORIZED, "sign_in_first", 'Begin with {"type": "auth", "token": "…"}, or "ticket"')
    if message.ticket is not None:
        return await service.use_ticket(hub.parts, message.ticket)
    assert message.token is not None
    return await callers.verify(hub.parts, message.token, address)


async def _messages(socket: Socket) -> AsyncIterator[Auth | Ping | Subscribe]:
    count, since = 0, time.monotonic()
    while (text := await socket.receive()) is not None:
        if time.monotonic() - since > _WITHIN_SECONDS:
            count, since = 0, time.monotonic()
        count += 1
        if count > _MESSAGES:
            raise _Closed(_POLICY_VIOLATION, "too_many_messages")
        yield _understood(text)


def _understood(text: str) -> Auth | Ping | Subscribe:
    try:
        return _SAID.validate_json(text)
    except ValidationError:
        detail = "Send JSON of the type auth, ping or subscribe, with no other members than it has"
        raise _Closed(_POLICY_VIOLATION, "not_understood", detail) from None


async def _close(socket: Socket, closing: _Closed) -> None:
    """Who does not read may not even be told why."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            if closing.detail is not None:
                text = to_json({"type": "end", "code": closing.reason, "detail": closing.detail}).decode()
                await socket.send(text)
            await socket.close(closing.code, closing.reason)


def _first(group: BaseExceptionGroup[_E]) -> _E:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
