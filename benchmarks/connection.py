"""HTTP/1.1 over one kept-alive connection, as cheap as Python allows: what measures must not be what is measured."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

HOST = "127.0.0.1"
_END_OF_HEAD = b"\r\n\r\n"
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """Its value; `name` in lower case, as uvicorn writes names."""
        start = self.head.find(b"\r\n" + name + b": ")
        if start < 0:
            return None
        start += len(name) + 4
        end = self.head.find(b"\r\n", start)
        return self.head[start:] if end < 0 else self.head[start:end]

    def json(self) -> Any:  # noqa: ANN401 - whatever the body says
        return json.loads(self.body)


def request(
    method: str,
    target: str,
    body: object = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a request; `body` is sent as JSON unless it is None."""
    lines = [f"{method} {target} HTTP/1.1", f"host: {HOST}"]
    if token is not None:
        lines.append(f"authorization: Bearer {token}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    payload = b""
    if body is not None:
        payload = json.dumps(body).encode()
        lines += ["content-type: application/json", f"content-length: {len(payload)}"]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + payload


def parse(received: bytes) -> Answer | None:
    """The answer, once it is whole. Nothing is pipelined, so what was received is one answer at most."""
    end = received.find(_END_OF_HEAD)
    if end < 0:
        return None
    head = received[:end]
    answer = Answer(int(head[9:12]), head, received[end + 4 :])
    return answer if len(answer.body) >= int(answer.header(b"content-length") or 0) else None


class Client(asyncio.Protocol):
    """Sends one request at a time and waits for its answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        _, protocol = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return protocol

    async def send(self, raw: bytes) -> Answer:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(raw)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = parse(self._received)
        if answer is not None and self._waiting is not None and not self._waiting.done():
            self._received = b""
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("the server closed the connection"))
