"""The members of an archive that are files of tasks: found by their names, and read piece by piece."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from zipfile import ZipInfo

from taskapi.imports import archives
from taskapi.imports.documents import Damaged

_PIECE: Final = 1 << 18


class Luggage:
    """No name in it becomes a path: nothing is unpacked but what a task names, and that into the storage."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = ExitStack()
        self._archive: zipfile.ZipFile | None = None

    async def member(self, name: str) -> ZipInfo | None:
        """`Damaged` where it is there and cannot be taken; the archive is opened when it is asked first."""
        if self._archive is None:
            self._archive = await asyncio.to_thread(self._opened)
        found = self._archive.NameToInfo.get(name)
        if found is not None:
            archives.require_plain(found)
        return found

    async def pieces(self, member: ZipInfo) -> AsyncIterator[bytes]:
        assert self._archive is not None
        try:
            with await asyncio.to_thread(self._archive.open, member) as source:
                while piece := await asyncio.to_thread(source.read, _PIECE):
                    yield piece
        except archives.BROKEN as error:
            raise Damaged(f"holds a member that cannot be unpacked: {error}") from None

    def close(self) -> None:
        self._held.close()

    def _opened(self) -> zipfile.ZipFile:
        file = self._held.enter_context(self._path.open("rb"))
        return self._held.enter_context(archives.opened(file))
