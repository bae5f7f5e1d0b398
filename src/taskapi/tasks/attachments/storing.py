"""Bytes of a file on their way to the storage: counted, hashed, and known by what they begin with, as they go by."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from taskapi.core.storage.storage import Storage
from taskapi.tasks.attachments import names
from taskapi.tasks.attachments.media_types import HEAD_BYTES, OPAQUE, PDF, Scripts, media_type
from taskapi.tasks.attachments.service import Received, Room


@dataclass(slots=True)
class _Measured:
    """What goes by is counted, hashed, and its beginning is kept."""

    pieces: AsyncIterator[bytes]
    room: Room
    size: int = 0
    head: bytes = b""
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    scripts: Scripts = field(default_factory=Scripts)

    async def read(self) -> AsyncIterator[bytes]:
        async for piece in self.pieces:
            self.size += len(piece)
            self.room.require(self.size)
            if len(self.head) < HEAD_BYTES:
                self.head += piece[: HEAD_BYTES - len(self.head)]
            self.digest.update(piece)
            if self.head.startswith(b"%PDF-"):
                self.scripts.look(piece)
            yield piece

    def media_type(self, name: str) -> str:
        found = media_type(self.head, name)
        return OPAQUE if found == PDF and self.scripts.found else found


async def store(storage: Storage, called: str, pieces: AsyncIterator[bytes], room: Room) -> Received:
    """Nobody knows of it until its row is written; the sweep takes what never gets one."""
    object_id: UUID = uuid4()
    measured = _Measured(pieces, room)
    size = await storage.put(names.key(object_id), measured.read())
    room.take(size)
    name = names.cleaned(called)
    return Received(object_id, name, size, measured.media_type(name), measured.digest.hexdigest())
