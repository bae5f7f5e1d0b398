"""Files on their way in: one is stored, or looked at, while it comes, with what its form says of it."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import Any, Final

import pydantic_core
from fastapi import Request
from pydantic import ValidationError

from taskapi.core import context
from taskapi.core.callers import Caller
from taskapi.core.errors import AppError, Invalid, RequestTimeout, TooLarge
from taskapi.core.http.multipart import File
from taskapi.core.http.pointers import pointer
from taskapi.core.http.uploads import Part, Receiver
from taskapi.core.parts import parts as parts_of
from taskapi.core.storage.errors import NoRoomForFiles, StorageUnavailable
from taskapi.imports import previews, service
from taskapi.imports.errors import FileTooLarge, ImportInProgress, UnreadableFile, unreadable
from taskapi.imports.formats import ImportFormat
from taskapi.imports.previews import Preview
from taskapi.imports.records import NotThatFormat
from taskapi.imports.runs.reader import reading_of
from taskapi.imports.schemas import ImportRequest
from taskapi.imports.service import Received

_FILE: Final = "file"
_SAID: Final = frozenset(ImportRequest.model_fields)
_JSON: Final = frozenset({"mapping", "options", "dry_run"})
_AROUND: Final = 256 * 1024
"""What a form may have beside the bytes of its file."""


class Importing(Receiver[Received]):
    """The file goes to the storage as it comes; nobody knows of it until its import is stored."""

    errors: tuple[type[AppError], ...] = (
        *(TooLarge, RequestTimeout, FileTooLarge, ImportInProgress, NoRoomForFiles, StorageUnavailable),
    )

    def most_bytes(self, request: Request) -> int:
        return parts_of(request).settings.imports.max_bytes + _AROUND

    async def receive(self, request: Request, parts: AsyncIterator[Part]) -> Received:
        caller: Caller = request.scope[context.IDENTITY]
        own = parts_of(request)
        async with own.database.autocommit() as session:
            await service.require_place(session, caller, request.path_params["project"])
        import_id, digest, size = service.new_import_id(), hashlib.sha256(), 0
        said: dict[str, str] = {}
        try:
            async for part in parts:
                if not isinstance(part, File):
                    _take(said, part.name, part.value)
                    continue
                _require_one(part, has_one=size > 0)
                bounded = _bounded(part.pieces, own.settings.imports.max_bytes, digest)
                size = await own.storage.put(service.key(import_id), bounded)
            return Received(import_id, _request(said, size), size, digest.hexdigest())
        except BaseException:
            await _delete(request, service.key(import_id))
            raise

    async def discard(self, request: Request, received: Received) -> None:
        await _delete(request, service.key(received.import_id))

    def meaning(self, received: Received) -> object:
        return {"sha256": received.sha256, **received.request.model_dump(mode="json")}


class Previewing(Receiver[tuple[ImportFormat, Preview]]):
    """The file is looked at and forgotten."""

    errors: tuple[type[AppError], ...] = (TooLarge, RequestTimeout, FileTooLarge, UnreadableFile)

    def most_bytes(self, request: Request) -> int:
        return parts_of(request).settings.imports.max_bytes + _AROUND

    async def receive(self, request: Request, parts: AsyncIterator[Part]) -> tuple[ImportFormat, Preview]:
        caller: Caller = request.scope[context.IDENTITY]
        own = parts_of(request)
        async with own.database.autocommit() as session:
            await service.require_right(session, caller, request.path_params["project"])
        said: dict[str, str] = {}
        size = 0
        with tempfile.TemporaryFile(prefix="taskapi-preview-") as file:
            async for part in parts:
                if not isinstance(part, File):
                    _take(said, part.name, part.value)
                    continue
                _require_one(part, has_one=size > 0)
                async for piece in _bounded(part.pieces, own.settings.imports.max_bytes, hashlib.sha256()):
                    # Of a CSV the beginning will do; another format is known by its whole.
                    if said.get("format") != ImportFormat.CSV or size < previews.HEAD_BYTES:
                        file.write(piece)
                    size += len(piece)
            request_ = _request(said, size)
            options = request_.options.model_dump(mode="json", exclude_unset=True)
            reading = reading_of(request_.mapping, options, caller.timezone)
            try:
                preview = await asyncio.to_thread(previews.of, file, request_.format, reading)
            except NotThatFormat as error:
                raise unreadable(str(error)) from None
        return request_.format, preview

    async def discard(self, request: Request, received: tuple[ImportFormat, Preview]) -> None:
        """Nothing was kept."""

    def meaning(self, received: tuple[ImportFormat, Preview]) -> object:
        return [received[0], received[1].columns, received[1].rows]


async def _bounded(pieces: AsyncIterator[bytes], most: int, digest: Any) -> AsyncIterator[bytes]:  # noqa: ANN401 - hashlib names no type
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > most:
            raise FileTooLarge(f"A file that is imported may have {most} bytes")
        digest.update(piece)
        yield piece


async def _delete(request: Request, key: str) -> None:
    try:
        await parts_of(request).storage.delete([key])
    except StorageUnavailable:
        return  # the sweep finds what is left


def _take(said: dict[str, str], name: str, value: str) -> None:
    if name not in _SAID or name in said:
        detail = f"A form has the parts {_FILE}, {', '.join(sorted(_SAID))}, each once"
        raise Invalid(detail, (pointer([name]), "extra_forbidden", detail))
    said[name] = value


def _require_one(part: File, *, has_one: bool) -> None:
    if part.name != _FILE or has_one:
        detail = f"One part is a file, and has the name {_FILE}"
        raise Invalid(detail, (pointer([part.name]), "extra_forbidden", detail))


def _missing() -> Invalid:
    detail = f"Send the file as a part with the name {_FILE} and a filename; it must not be empty"
    return Invalid(detail, (f"/{_FILE}", "missing", detail))


def _request(said: dict[str, str], size: int) -> ImportRequest:
    """The fields of the form, which has a file of this size; what is more than a word is JSON."""
    if not size:
        raise _missing()
    values: dict[str, Any] = dict(said)
    for name in _JSON & said.keys():
        try:
            values[name] = pydantic_core.from_json(said[name])
        except ValueError:
            raise Invalid("It must be JSON", (pointer([name]), "json_invalid", "must be JSON")) from None
    try:
        return ImportRequest.model_validate(values)
    except ValidationError as error:
        faults = ((pointer(one["loc"]), one["type"], one["msg"]) for one in error.errors(include_url=False))
        raise Invalid("Some parts of the form are not valid", *faults) from None
