"""Clients that ask without end on connections they keep, and say of each request how it went."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_PAUSE: Final = 0.005
_PATIENCE: Final = 120.0

Target = Callable[[int], tuple[bytes, int]]
"""Of the number of a request: its bytes, and the status that is right."""


@dataclass
class Load:
    port: int
    target: Target
    answered: int = 0
    by_status: dict[int, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    _asked: int = 0
    _over: bool = False

    async def client(self) -> None:
        connection = None
        while not self._over:
            number, self._asked = self._asked, self._asked + 1
            request, expected = self.target(number)
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", self.port)
                status, is_kept, said = await asyncio.wait_for(_ask(*connection, request), _PATIENCE)
            except (OSError, EOFError, TimeoutError) as error:
                self.failures.append(f"request {number}: {error!r}")
                status, is_kept, said = 0, False, ""
            self._count(status)
            if status not in {0, expected}:
                self.failures.append(f"request {number}: {status} {said}")
            if not is_kept and connection:
                connection[1].close()
                connection = None
            await asyncio.sleep(_PAUSE)
        if connection:
            connection[1].close()

    def _count(self, status: int) -> None:
        self.answered += 1
        self.by_status[status] = self.by_status.get(status, 0) + 1

    async def until(self, many: int) -> None:
        """Wait until so many more have been answered."""
        goal = self.answered + many
        async with asyncio.timeout(_PATIENCE):
            while self.answered < goal:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.01)

    def end(self) -> None:
        self._over = True


@asynccontextmanager
async def load(url: str, target: Target, clients: int) -> AsyncIterator[Load]:
    under_way = Load(urlsplit(url).port or 80, target)
    tasks = [asyncio.create_task(under_way.client()) for _ in range(clients)]
    try:
        yield under_way
    finally:
        under_way.end()
        await asyncio.gather(*tasks)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bool, str]:
    """The status, whether the connection is kept, and how the body begins."""
    writer.write(request)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = 0
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    body = await reader.readexactly(length)
    return int(head.split()[1]), b"connection: close" not in head, body[:200].decode(errors="replace")
