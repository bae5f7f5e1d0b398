"""Refused before any route is asked: a request with a problem, and the handshake of a WebSocket likewise."""

from typing import Final

from starlette.types import Receive, Scope, Send

from taskapi.core import context
from taskapi.core.errors import AppError, TooManyRequests
from taskapi.core.http.problems import render

# RFC 6455 §7.4: the registered codes for "try again later" and for "your fault".
_TRY_AGAIN_LATER: Final = 1013
_POLICY_VIOLATION: Final = 1008


async def refuse(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    """A server that cannot answer a handshake with a problem makes a 403 of the close before it."""
    if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or {}):
        code = _TRY_AGAIN_LATER if isinstance(error, TooManyRequests) else _POLICY_VIOLATION
        await send({"type": "websocket.close", "code": code, "reason": error.title})
        return
    request_id = context.request_id.get() or ""
    await render(error, instance=scope["path"], request_id=request_id)(scope, receive, send)
