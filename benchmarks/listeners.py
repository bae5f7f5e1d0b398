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

import uvloop

from benchmarks.connection import HOST

WEBSOCKET, EVENTS = "ws", "sse"
_AT_ONCE = 20
_PATIENCE_SECONDS = 300.0
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
        self.opened = asyncio.get_running_loop().create_future()
        self._kind, self._token = kind, token
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._write = transport.write
        if self._kind == EVENTS:
            head = f"GET /api/v1/changes/stream HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {self._token}\r\n\r\n"
            self._write(head.encode())
            return
        handshake = (
            f"GET /api/v1/ws HTTP/1.1\r\nhost: {HOST}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._write(handshake.encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        received = self._received + data
        if not self.opened.done():
            received = self._open(received)
        found = list(_ABOUT.finditer(received))
        for match in found:
            self.told.setdefault(match[1].decode(), []).append(now)
        # What is cut in the middle of an id comes whole with the rest.
        rest = received[found[-1].end() :] if found else received
        self._received = rest[-64:]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(f"closed at once: {exc} {self._received[:200]!r}"))

    def _open(self, received: bytes) -> bytes:
        """The head of the answer, and what comes before the first change; the rest of it."""
        if self._kind == WEBSOCKET and received.startswith(b"HTTP/1.1 101") and b"\r\n\r\n" in received:
            said = json.dumps({"type": "auth", "token": self._token}).encode()
            length = bytes([0x80 | 126]) + len(said).to_bytes(2)
            self._write(bytes([0x81]) + length + _MASK + said)
            received = received.partition(b"\r\n\r\n")[2]
        begins = b'"subscribed"' if self._kind == WEBSOCKET else b"retry:"
        if begins in received:
            self.opened.set_result(None)
            return received.partition(begins)[2]
        return received


async def _open(port: int, token: str, count: int, kind: str, address: str) -> list[Listener]:
    gate, loop = asyncio.Semaphore(_AT_ONCE), asyncio.get_running_loop()

    async def one() -> Listener:
        async with gate:
            _, listener = await loop.create_connection(
                lambda: Listener(kind, token), HOST, port, local_addr=(address, 0)
            )
            await asyncio.wait_for(listener.opened, _PATIENCE_SECONDS)
            return listener

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
