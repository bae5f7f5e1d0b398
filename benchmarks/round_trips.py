"""Counts what the service asks of PostgreSQL, on the wire between them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = 65_536
_LENGTH_BYTES = 4
# Messages after which a client waits for the server: Query, Sync and Flush (protocol 3, "Message Formats").
_WAITS_FOR_ANSWER = frozenset(b"QSH")


class MessageCounter:
    """Finds those messages in the bytes of one client. The first message of a connection has no type."""

    def __init__(self) -> None:
        self.trips = 0
        self._pending = b""
        self._started = False

    def feed(self, data: bytes) -> None:
        buffer, position = self._pending + data, 0
        while True:
            type_bytes = 1 if self._started else 0
            body = position + type_bytes
            if len(buffer) < body + _LENGTH_BYTES:
                break
            end = body + int.from_bytes(buffer[body : body + _LENGTH_BYTES])
            if len(buffer) < end:
                break
            if self._started and buffer[position] in _WAITS_FOR_ANSWER:
                self.trips += 1
            self._started = True
            position = end
        self._pending = buffer[position:]


class Proxy:
    """A Unix socket in front of the server's."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._counters: list[MessageCounter] = []

    @property
    def trips(self) -> int:
        """Round trips so far, of all connections."""
        return sum(counter.trips for counter in self._counters)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counter = MessageCounter()
        self._counters.append(counter)
        server_reader, server_writer = await asyncio.open_unix_connection(str(self._server))
        await asyncio.gather(_pump(reader, server_writer, counter), _pump(server_reader, writer, None))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counter: MessageCounter | None) -> None:
    try:
        while data := await reader.read(_CHUNK):
            if counter is not None:
                counter.feed(data)
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@contextmanager
def counting(server_socket: Path, proxy_socket: Path) -> Iterator[Proxy]:
    """A proxy at `proxy_socket`, in a thread of its own, until the end of the block."""
    proxy = Proxy(server_socket)
    loop = asyncio.new_event_loop()
    listening = threading.Event()

    async def serve() -> None:
        server = await asyncio.start_unix_server(proxy.relay, str(proxy_socket))
        listening.set()
        async with server:
            await stopped.wait()

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    listening.wait()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()
