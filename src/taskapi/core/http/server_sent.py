"""Server-sent events: an answer that goes on for as long as somebody reads it (WHATWG HTML, §9.2)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from taskapi.core import context

# nginx keeps answers back until it has a few kilobytes of them, unless it is told not to.
_HEADERS: Final = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


class EventStream(StreamingResponse):
    """Of events that are bytes already; `after` is awaited once nobody reads any more, however it ended.

    FastAPI's own are for generators of objects: each stream has a task and two queues of its own, and renders every
    event once more.
    """

    media_type = EventSourceResponse.media_type

    def __init__(self, events: AsyncIterator[bytes], after: Callable[[], Awaitable[None]]) -> None:
        super().__init__(events, headers=_HEADERS)
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if not scope.get(context.HEAD_ALONE):
                await super().__call__(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self._after()


event = format_sse_event
