"""Files by key, in a store that obstore speaks to: written and read as streams, so that none is ever whole in memory.

obstore costs 7 MB, which a process pays that touches a file; so it is imported with the first use.
"""

import asyncio
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import structlog

from taskapi.core.storage.errors import NoRoomForFiles, ObjectMissing, StorageUnavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

log = structlog.stdlib.get_logger("taskapi.storage")
_T = TypeVar("_T")
_Pipe: TypeAlias = "asyncio.Queue[bytes | Exception | None]"
"""Chunks, what ends them, and at the end nothing."""

PATIENCE_SECONDS: Final = 4.5
"""For each question to the store, and each piece of a file; nobody waits longer for one that is gone."""
_READ_BYTES: Final = 1024 * 1024
_PROBE: Final = b"taskapi was here"
_KEY: Final = re.compile(r"[a-z]+(?:/[A-Za-z0-9_-]+)+")
_NO_ROOM: Final = ("No space left on device", "Disk quota exceeded", "os error 28", "os error 122")


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int
    at: datetime
    """When it was written."""


class Storage(ABC):
    """One a process. Keys are ours, never a client's: `attachments/<random>`, `imports/<id>`."""

    part_bytes: int
    """What is held of each file that is being written."""

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """How many bytes were written. Whatever fails, also a cancelled request, leaves nothing under the key.

        obstore asks for chunks from a task of its own. It gets them through a queue that is filled here, so that a
        request's deadline, its cancellation and its context reach who reads its body.
        """
        self._require(key)
        await self._reach()
        pipe: _Pipe = asyncio.Queue(1)
        storing = asyncio.create_task(self._store_from(key, pipe))
        size = 0
        try:
            async for chunk in _joined(chunks, self.part_bytes // 4):
                size += len(chunk)
                await _hand_over(pipe, chunk, storing)
            await _hand_over(pipe, None, storing)
            await storing
            await self._settle(key)
        except BaseException as failure:
            await asyncio.shield(self._undo(key, pipe, storing))
            if isinstance(failure, _Broken):
                raise StorageUnavailable from failure
            raise
        return size

    async def read(self, key: str, first: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `first` on, `length` of them or all: piece by piece, so that slow readers hold nothing."""
        from obstore import get_range_async, head_async

        self._require(key)
        if length is None:
            length = (await self._ask(head_async(self.store, key)))["size"] - first
        end = first + length
        while first < end:
            piece = bytes(
                await self._ask(get_range_async(self.store, key, start=first, end=min(first + _READ_BYTES, end)))
            )
            if not piece:
                raise ObjectMissing("The stored file is shorter than it was")
            first += len(piece)
            yield piece

    async def copy(self, source: str, target: str) -> None:
        """Within the store; the copy counts as written now."""
        from obstore import copy_async

        self._require(source)
        self._require(target)
        await self._ask(copy_async(self.store, source, target))
        await self._settle(target)

    def address(self, key: str, said: Mapping[str, str]) -> str | None:  # noqa: ARG002 - for those that have some
        """Where the store gives the file to whoever has this address, with these headers. None: files go by us."""
        return None

    @abstractmethod
    async def delete(self, keys: Iterable[str]) -> None:
        """Those that are not there are none the less gone."""

    @abstractmethod
    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """All below the prefix, in no order; what an upload that was killed left half written, too."""

    async def check(self) -> None:
        """StorageUnavailable, unless a file can be written, read and deleted."""

        async def few() -> AsyncIterator[bytes]:
            yield _PROBE

        key = f"probes/{secrets.token_hex(16)}"
        await self.put(key, few())
        found = b"".join([piece async for piece in self.read(key)])
        await self.delete([key])
        if found != _PROBE:
            raise StorageUnavailable("The storage of files does not give back what it was given")

    @abstractmethod
    async def _reach(self) -> None:
        """StorageUnavailable, unless the store answers: asked before anybody sends a file for nothing."""

    @abstractmethod
    def _open(self) -> "ObjectStore": ...

    @abstractmethod
    async def _settle(self, key: str) -> None:
        """What is yet to be done before a written object counts as stored."""

    @cached_property
    def store(self) -> "ObjectStore":
        return self._open()

    async def _store_from(self, key: str, pipe: _Pipe) -> None:
        from obstore import put_async

        async def chunks() -> AsyncIterator[bytes]:
            while (chunk := await pipe.get()) is not None:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk

        await named(put_async(self.store, key, chunks(), chunk_size=self.part_bytes, max_concurrency=1))

    async def _undo(self, key: str, pipe: _Pipe, storing: "asyncio.Task[None]") -> None:
        """Told to give up, the store takes back what it has; what came whole in the same moment is deleted."""
        if pipe.full():
            pipe.get_nowait()
        pipe.put_nowait(_GivenUp())
        done, _ = await asyncio.wait({storing}, timeout=PATIENCE_SECONDS)
        if not done:
            storing.cancel()
            return
        if storing.cancelled() or storing.exception() is not None:
            return
        try:
            await self.delete([key])
        except StorageUnavailable:
            log.warning("storage.left_behind", key=key)  # the sweep finds it

    async def _ask(self, question: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await named(question)
        except TimeoutError as error:
            raise StorageUnavailable from error

    @staticmethod
    def _require(key: str) -> None:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of a file")


class _GivenUp(Exception):
    pass


class _Broken(Exception):
    """The store has ended before all was handed over to it."""


async def _hand_over(pipe: _Pipe, chunk: bytes | None, storing: "asyncio.Task[None]") -> None:
    if pipe.full():
        putting = asyncio.ensure_future(pipe.put(chunk))
        try:
            await asyncio.wait({putting, storing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not putting.done():
                putting.cancel()
    else:
        pipe.put_nowait(chunk)
    if storing.done():
        storing.result()
        raise _Broken


async def _joined(chunks: AsyncIterator[bytes], least: int) -> AsyncIterator[bytes]:
    """Each hand-over to the store costs 0.1 ms, whatever it carries."""
    held: list[bytes] = []
    size = 0
    async for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= least:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


async def named(question: Awaitable[_T]) -> _T:
    """The store's answer, or our name for its failure."""
    from obstore.exceptions import BaseError

    try:
        return await question
    except FileNotFoundError as error:
        raise ObjectMissing("The storage of files does not have it") from error
    except (BaseError, OSError, ValueError) as error:
        if any(sign in str(error) for sign in _NO_ROOM):
            raise NoRoomForFiles from error
        log.warning("storage.failed", error=str(error).partition("\n")[0])
        raise StorageUnavailable from error
