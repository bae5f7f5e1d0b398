"""The handshake of a WebSocket counts as one request, and is refused before it is accepted."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Message, Receive, Scope, Send

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import Fact
from taskapi.core.http.middleware import Envelope, LastCatch, RequestLimits
from taskapi.core.http.ratelimit import RateLimited, RateLimits
from taskapi.core.observing.metrics import Metrics
from taskapi.models import SystemRole
from taskapi.settings import Settings

SOMEBODY = Caller(uuid4(), SystemRole.USER, uuid4())
CAN_ANSWER: dict[str, dict[str, Any]] = {"websocket.http.response": {}}


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    """The smallest socket there is."""
    assert scope["type"] == "websocket"
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello"})
    await send({"type": "websocket.close", "code": 1000})


async def identify(scope: Scope) -> Caller | None:
    return SOMEBODY if any(name == b"authorization" for name, _ in scope["headers"]) else None


class Sockets:
    """A service of one socket behind the middleware of the real one."""

    def __init__(self, **security: Any) -> None:
        settings, metrics = Settings.model_validate({"security": security}), Metrics()
        limited = RateLimited(greet, RateLimits(settings.security, metrics), identify, frozenset())
        self.told: list[tuple[Caller | None, str, str]] = []
        self._app = Envelope(LastCatch(RequestLimits(limited, settings)), settings, metrics)

    async def tell(self, caller: Caller | None, fact: Fact, what: str) -> None:
        """In the place of the log, which stands behind no database here."""
        self.told.append((caller, fact.kind, what))

    async def shake_hands(
        self, address: str = "192.0.2.1", path: str = "/api/v1/ws", *, can_answer: bool = True, **headers: str
    ) -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": (address, 50_000),
            "subprotocols": [],
            "extensions": CAN_ANSWER if can_answer else None,
            "app": SimpleNamespace(state=SimpleNamespace(parts=SimpleNamespace(refusals=self))),
        }
        await self._app(scope, receive, send)
        return sent


def told(message: Message) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in message["headers"]}


async def test_one_too_many_is_answered_with_a_problem() -> None:
    sockets = Sockets(rate_limit_anonymous_per_minute=2)
    for left in (1, 0):
        accepted, *rest = await sockets.shake_hands(x_request_id="mine")
        assert accepted["type"] == "websocket.accept"
        assert told(accepted)["x-request-id"] == "mine"
        assert told(accepted)["ratelimit"].startswith(f'"anonymous";r={left};')
        assert [message["type"] for message in rest] == ["websocket.send", "websocket.close"]
    start, body = await sockets.shake_hands()
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 429)
    headers = told(start)
    assert headers["content-type"] == "application/problem+json"
    assert headers["ratelimit-policy"] == '"anonymous";q=2;w=60'
    assert 0 < int(headers["retry-after"]) <= 60
    assert json.loads(body["body"])["code"] == "too_many_requests"
    assert json.loads(body["body"])["request_id"] == headers["x-request-id"]
    assert sockets.told == [(None, "user.throttled", "anonymous 192.0.2.1")]
    assert (await sockets.shake_hands("192.0.2.2"))[0]["type"] == "websocket.accept"


async def test_where_the_server_cannot_answer_it_is_closed_before_it_is_accepted() -> None:
    sockets = Sockets(rate_limit_anonymous_per_minute=1)
    await sockets.shake_hands(can_answer=False)
    assert await sockets.shake_hands(can_answer=False) == [
        {"type": "websocket.close", "code": 1013, "reason": "Too many requests"}
    ]


async def test_who_sends_a_good_token_is_counted_by_it() -> None:
    sockets = Sockets(rate_limit_anonymous_per_minute=1, rate_limit_per_minute=2)
    for address in ("192.0.2.1", "192.0.2.2"):
        accepted = (await sockets.shake_hands(address, authorization="Bearer good"))[0]
        assert told(accepted)["ratelimit-policy"] == '"user";q=2;w=60'
    refused = (await sockets.shake_hands("192.0.2.3", authorization="Bearer good"))[0]
    assert refused["status"] == 429


async def test_behind_a_trusted_proxy_the_address_it_saw_counts() -> None:
    sockets = Sockets(rate_limit_anonymous_per_minute=1, trusted_proxies="10.0.0.0/8")
    for seen in ("198.51.100.7", "198.51.100.8"):
        assert (await sockets.shake_hands("10.0.0.1", x_forwarded_for=seen))[0]["type"] == "websocket.accept"
    assert (await sockets.shake_hands("10.0.0.1", x_forwarded_for="198.51.100.7"))[0]["status"] == 429


@pytest.mark.parametrize("can_answer", [True, False])
async def test_a_handshake_is_held_to_the_limits_of_a_request(*, can_answer: bool) -> None:
    sockets = Sockets(allowed_hosts="tasks.example")
    refused = await sockets.shake_hands(can_answer=can_answer, host="evil.example")
    if can_answer:
        assert (refused[0]["status"], json.loads(refused[1]["body"])["code"]) == (400, "unknown_host")
    else:
        assert refused == [{"type": "websocket.close", "code": 1008, "reason": refused[0]["reason"]}]
    too_long = await sockets.shake_hands(host="tasks.example", cookie="x" * 20_000)
    assert too_long[0]["status"] == 431
    assert (await sockets.shake_hands(host="tasks.example"))[0]["type"] == "websocket.accept"
