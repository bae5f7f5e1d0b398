"""The lines of a project as one file of a ZIP archive, and beside it the bytes of its files."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

import pydantic_core

from taskapi.core.errors import NotFound
from taskapi.core.http.archives import OutgoingZip
from taskapi.core.parts import Parts
from taskapi.exports.archives import queries
from taskapi.tasks.attachments import names

_LOOKED_UP: Final = 200
# Packed already: to pack them once more takes time and nothing off.
_PACKED: Final = ("image/", "video/", "audio/", "application/zip", "application/gzip", "application/pdf")


@dataclass(frozen=True, slots=True)
class File:
    id: UUID
    name: str
    media_type: str

    @property
    def path(self) -> str:
        """Two files of a name are two; a name has no part of a path in it."""
        return f"files/{self.id}/{self.name}"


@dataclass(slots=True)
class Files:
    """The files that lines have told of."""

    found: list[File] = field(default_factory=list)

    def hear(self, kind: str, body: str) -> None:
        if kind == "attachment":
            told = pydantic_core.from_json(body)
            self.found.append(File(UUID(told["id"]), told["name"], told["media_type"]))


async def write(
    parts: Parts, project_id: UUID, lines: AsyncIterator[bytes], name: str, files: Files
) -> AsyncIterator[bytes]:
    """Packed while it is read, when the lines have their snapshot behind them: no transaction waits for bytes."""
    outgoing = OutgoingZip()
    with outgoing.writer.open(name, "w", force_zip64=True) as file:
        async for chunk in lines:
            await asyncio.to_thread(file.write, chunk)
            yield outgoing.take()
    rest = iter(files.found)
    while some := list(islice(rest, _LOOKED_UP)):
        objects = await _objects(parts, project_id, some)
        for one in some:
            if one.id in objects:
                async for chunk in _packed(parts, outgoing, one, objects[one.id]):
                    yield chunk
    yield outgoing.end()


async def _objects(parts: Parts, project_id: UUID, files: list[File]) -> dict[UUID, UUID]:
    async with parts.database.autocommit() as session:
        rows = await session.fetch_rows(queries.OBJECTS, ids=[file.id for file in files], of_project=project_id)
    return {row["id"]: row["object_id"] for row in rows}


async def _packed(parts: Parts, outgoing: OutgoingZip, file: File, object_id: UUID) -> AsyncIterator[bytes]:
    """One that was purged at this moment is left out: its line still tells of it."""
    content = parts.storage.read(names.key(object_id))
    try:
        first = await anext(content, b"")
    except NotFound:
        return
    entry = zipfile.ZipInfo(file.path)
    entry.compress_type = zipfile.ZIP_STORED if file.media_type.startswith(_PACKED) else zipfile.ZIP_DEFLATED
    with outgoing.writer.open(entry, "w", force_zip64=True) as packed:
        await asyncio.to_thread(packed.write, first)
        yield outgoing.take()
        async for chunk in content:
            await asyncio.to_thread(packed.write, chunk)
            yield outgoing.take()
    yield outgoing.take()
