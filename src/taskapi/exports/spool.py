"""What is written as quickly as the database gives it, and read as slowly as a client likes, side by side.

A client that reads slowly then costs a file without a name, and neither a connection nor a snapshot of the database,
which would keep vacuum waiting.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

_READ_BYTES: Final = 256 * 1024


class Spool:
    """One writer, one reader; the file is gone when nobody knows the spool any more."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the spool
        self._written = 0
        self._has_ended = False
        self._failure: Exception | None = None
        self._news = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    def fill(self, writing: Coroutine[Any, Any, None]) -> None:
        """Have it written from now on. What fails there, fails for the reader."""
        self._writing = asyncio.create_task(self._watched(writing))

    async def write(self, chunk: bytes) -> None:
        await asyncio.to_thread(self._write_all, chunk)
        self._written += len(chunk)
        self._news.set()

    async def begun(self) -> None:
        """Wait for the first bytes; what fails before them can still be said in the answer."""
        try:
            while not self._written and not self._has_ended:
                self._news.clear()
                await self._news.wait()
        except asyncio.CancelledError:
            await self.close()
            raise
        if self._failure is not None and not self._written:
            await self.close()
            raise self._failure

    async def read(self) -> AsyncIterator[bytes]:
        """All of it, to the end of the writing. Who stops reading stops the writing, too."""
        place = 0
        try:
            while place < self._written or not self._has_ended:
                if place == self._written:
                    self._news.clear()
                    await self._news.wait()
                    continue
                chunk = await asyncio.to_thread(os.pread, self._file.fileno(), _READ_BYTES, place)
                place += len(chunk)
                yield chunk
            if self._failure is not None:
                raise self._failure
        finally:
            await self.close()

    async def close(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        self._file.close()

    async def _watched(self, writing: Coroutine[Any, Any, None]) -> None:
        try:
            await writing
        except Exception as error:  # noqa: BLE001 - whatever it is
            self._failure = error  # the reader's to raise
        finally:
            self._has_ended = True
            self._news.set()

    def _write_all(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            rest = rest[self._file.write(rest) :]
