"""Many listeners in a process of their own: `python -m benchmarks.listeners port token count kind address`.

It says `ready` when all are open, then notes what each is told, and when, until its standard input is closed, upon
which it says that as one line of JSON: of each listener the instants by what changed. Instants are of the clock that
all processes of the machine share.
"""

import asyncio
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import uvloop

from benchmarks.connection import HOST

WEBSOCKET, EVENTS = "ws", "sse"
_AT_ONCE = 8
_TRIES = 30
_PATIENCE_SECONDS = 300.0
_HEAD = f" HTTP/1.1\r\nhost: {HOST}\r\n"
_HANDSHAKE = (
    f"GET /api/v1/ws{_HEAD}upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="
)
_TEXT, _PING, _PONG = 0x1, 0x9, 0xA
_SHORT_HEAD = 2
_ABOUT = re.compile(rb'"subject_id": ?"([0-9a-f-]{36})"')
_MASK = b"\0\0\0\0"  # which leaves a frame as it is

Told = dict[str, list[float]]


def allow_many_files() -> None:
    """As many as the system lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Listener(asyncio.Protocol):
    """Looks for what changed in the bytes that come: no library, for ten thousand share the cores with the service."""

    def __init__(self, kind: str, token: str) -> None:
        self.told: Told = {}
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._token = token
        self._is_socket = kind == WEBSOCKET
        self._received = b""
        self._is_head = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        asks = (
            _HANDSHAKE if self._is_socket else f"GET /api/v1/changes/stream{_HEAD}authorization: Bearer {self._token}"
        )
        self._transport.write(f"{asks}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._received += data
        if self._is_head:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            self._is_head, self._received = False, rest
            if self._is_socket and b" 101 " in head:
                self._send(_TEXT, json.dumps({"type": "auth", "token": self._token}).encode())
        for message in self._frames() if self._is_socket else self._lines():
            if not self.opened.done() and (b'"subscribed"' if self._is_socket else b"retry:") in message:
                self.opened.set_result(None)
            if found := _ABOUT.search(message):
                self.told.setdefault(found[1].decode(), []).append(now)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(f"closed at once: {exc} {self._received[:200]!r}"))

    def _lines(self) -> Iterator[bytes]:
        *lines, self._received = self._received.split(b"\n")
        yield from lines

    def _frames(self) -> Iterator[bytes]:
        """Messages, as RFC 6455 §5.2 has them; a ping is answered, or the service would take us for dead."""
        while len(self._received) >= _SHORT_HEAD:
            kind, length, start = self._received[0] & 0x0F, self._received[1], _SHORT_HEAD
            for mark, size in ((126, 2), (127, 8)):
                if length == mark:
                    length, start = int.from_bytes(self._received[2 : 2 + size]), _SHORT_HEAD + size
                    break
            if len(self._received) < start + length:
                return
            payload, self._received = self._received[start : start + length], self._received[start + length :]
            if kind == _PING:
                self._send(_PONG, payload)
            yield payload

    def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2)
        self._transport.write(bytes([0x80 | kind]) + length + _MASK + payload)


async def _open(port: int, token: str, count: int, kind: str, address: str) -> list[Listener]:
    gate, loop = asyncio.Semaphore(_AT_ONCE), asyncio.get_running_loop()

    async def one() -> Listener:
        async with gate:
            for tries_left in reversed(range(_TRIES)):
                _, listener = await loop.create_connection(
                    lambda: Listener(kind, token), HOST, port, local_addr=(address, 0)
                )
                try:
                    await asyncio.wait_for(listener.opened, _PATIENCE_SECONDS)
                except ConnectionError:  # the service is busy, and says so
                    if not tries_left:
                        raise
                    await asyncio.sleep(1)
                else:
                    return listener
        raise AssertionError

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _listen(port: int, token: str, count: int, kind: str, address: str) -> None:
    listeners = await _open(port, token, count, kind, address)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps([listener.told for listener in listeners]), flush=True)


@contextmanager
def _quiet_end() -> Iterator[None]:
    with suppress(KeyboardInterrupt, BrokenPipeError):
        yield


def main() -> None:
    allow_many_files()
    port, token, count, kind, address = sys.argv[1:]
    with _quiet_end():
        uvloop.run(_listen(int(port), token, int(count), kind, address))


if __name__ == "__main__":
    main()
