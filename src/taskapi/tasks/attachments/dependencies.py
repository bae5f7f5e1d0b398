"""Files on their way in: each goes to the storage as it comes, and nobody knows of it until its row is written."""

from collections.abc import AsyncIterator
from typing import Final

from fastapi import Request

from taskapi.core import context
from taskapi.core.callers import Caller
from taskapi.core.errors import Invalid
from taskapi.core.http.multipart import File
from taskapi.core.http.uploads import Part, Receiver
from taskapi.core.parts import parts as parts_of
from taskapi.core.storage.errors import StorageUnavailable
from taskapi.tasks.attachments import names, service, storing
from taskapi.tasks.attachments.service import Received

MAX_FILES: Final = 10
_FIELD: Final = "file"
_AROUND_FILES: Final = 64 * 1024
"""What a form may have beside the bytes of its files."""


class Attaching(Receiver[list[Received]]):
    """One file or more, each a part with the name `file`."""

    def most_bytes(self, request: Request) -> int:
        return MAX_FILES * parts_of(request).settings.storage.file_max_bytes + _AROUND_FILES

    async def receive(self, request: Request, parts: AsyncIterator[Part]) -> list[Received]:
        caller: Caller = request.scope[context.IDENTITY]
        own = parts_of(request)
        async with own.database.autocommit() as session:
            room = await service.find_room(session, caller, request.path_params["task"], own.settings.storage)
        received: list[Received] = []
        try:
            async for file in _files(parts):
                stored = await storing.store(own.storage, file.filename, file.pieces, room)
                received.append(stored)
        except BaseException:
            await self.discard(request, received)
            raise
        return received

    async def discard(self, request: Request, received: list[Received]) -> None:
        try:
            await parts_of(request).storage.delete(names.key(one.object_id) for one in received)
        except StorageUnavailable:
            return  # the sweep finds what is left

    def meaning(self, received: list[Received]) -> object:
        return [{"name": one.name, "sha256": one.sha256} for one in received]


async def _files(parts: AsyncIterator[Part]) -> AsyncIterator[File]:
    count = 0
    async for part in parts:
        if not isinstance(part, File) or part.name != _FIELD:
            raise _unexpected(part.name)
        count += 1
        if count > MAX_FILES:
            raise _too_many()
        yield part
    if not count:
        raise _missing()


def _unexpected(name: str) -> Invalid:
    detail = f"A part has the name {_FIELD}, and is a file: its Content-Disposition has a filename"
    return Invalid(detail, (f"/{name}", "extra_forbidden", detail))


def _too_many() -> Invalid:
    detail = f"{MAX_FILES} files come with one request at most; send the others with another"
    return Invalid(detail, (f"/{_FIELD}", "too_long", detail))


def _missing() -> Invalid:
    detail = f"Send one file or more, each as a part with the name {_FIELD}"
    return Invalid(detail, (f"/{_FIELD}", "missing", detail))
