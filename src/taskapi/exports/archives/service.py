"""The lines of a project as one file of a ZIP archive, and beside it the bytes of its files."""

import asyncio
from collections.abc import AsyncIterator

from taskapi.core.http.archives import OutgoingZip


async def write(lines: AsyncIterator[bytes], name: str) -> AsyncIterator[bytes]:
    """Packed while it is read, when the lines have their snapshot behind them: no transaction waits for bytes."""
    outgoing = OutgoingZip()
    with outgoing.writer.open(name, "w", force_zip64=True) as file:
        async for chunk in lines:
            await asyncio.to_thread(file.write, chunk)
            yield outgoing.take()
    yield outgoing.end()
