"""Files in a directory that nobody but us may read, each on the disk before anybody is told that it is stored."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from taskapi.core.storage.errors import StorageUnavailable
from taskapi.core.storage.storage import PATIENCE_SECONDS, Storage, StoredObject

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_T = TypeVar("_T")

_AT_ONCE: Final = 1000
_THREADS: Final = 4


class LocalStorage(Storage):
    """Listing and deleting are ours: obstore shows no file that a killed upload left half written (`<name>#1`)."""

    part_bytes = 512 * 1024  # twice as much takes twice the memory, and no less CPU

    def __init__(self, root: Path) -> None:
        self.root = root
        self._threads = ThreadPoolExecutor(_THREADS, "files")

    async def delete(self, keys: Iterable[str]) -> None:
        await self._in_thread(partial(self._unlink, list(keys)))

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        found = self._files(self.root / prefix)
        while some := await self._in_thread(lambda: list(islice(found, _AT_ONCE))):
            for stored in some:
                yield stored

    async def _reach(self) -> None:
        await self._in_thread(self._look)

    def _open(self) -> "ObjectStore":
        from obstore.store import LocalStore

        return LocalStore(self.root)

    async def _settle(self, key: str) -> None:
        await self._in_thread(partial(self._make_durable, self.root / key))

    def _look(self) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(f"{self.root} is not ours to write to")

    def _unlink(self, keys: Iterable[str]) -> None:
        for key in keys:
            (self.root / key).unlink(missing_ok=True)

    def _files(self, folder: Path) -> Iterator[StoredObject]:
        if not folder.is_dir():
            return
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from self._files(folder / entry.name)
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # deleted since
                continue
            key = (folder / entry.name).relative_to(self.root).as_posix()
            yield StoredObject(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    @staticmethod
    def _make_durable(file: Path) -> None:
        """On the disk, its name too, before a row of the database says that it is there."""
        file.chmod(0o600)
        os.utime(file)  # a copy is a second name of the same file, and would be as old as that
        for path in (file, file.parent):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    async def _in_thread(self, call: Callable[[], _T]) -> _T:
        """In one of its own: a network file system that hangs shall keep no others."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except (OSError, TimeoutError) as error:
            raise StorageUnavailable from error
