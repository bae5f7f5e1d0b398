"""Previews of images: asked for from a process that is confined, and given up when it takes too long."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from uuid import UUID

PREVIEWED: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_PROGRAM: Final = Path(__file__).with_name("drawing.py")
_PATIENCE_SECONDS: Final = 60.0
_MOST_BYTES: Final = 16 * 1024**2


def key(object_id: UUID, size: str) -> str:
    """Where the storage has it. Copies of an attachment share its previews, too."""
    return f"previews/{object_id.hex}-{size}"


async def drawn(pieces: AsyncIterator[bytes]) -> list[bytes]:
    """Of the image that these are, the small one and the large one. Nothing, where it cannot be drawn."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(_PROGRAM)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            found = await _answer(process, pieces)
            return found if await process.wait() == 0 else []
    except TimeoutError:
        return []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answer(process: asyncio.subprocess.Process, pieces: AsyncIterator[bytes]) -> list[bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):  # it has seen enough to give up
        async for piece in pieces:
            process.stdin.write(piece)
            await process.stdin.drain()
        process.stdin.close()
    said = b""
    while len(said) < _MOST_BYTES and (more := await process.stdout.read(_MOST_BYTES - len(said))):
        said += more
    found = []
    while said:
        length = int.from_bytes(said[:4], "big")
        found.append(said[4 : 4 + length])
        said = said[4 + length :]
    return found
