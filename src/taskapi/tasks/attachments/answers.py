"""A file and its previews as answers, to whoever was let in to them: by membership or by a link."""

from functools import partial
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from taskapi.core.errors import NotFound
from taskapi.core.http import downloads
from taskapi.core.http.downloads import Download, RangeNotSatisfiable
from taskapi.core.http.problems import problems
from taskapi.core.parts import parts
from taskapi.core.storage.errors import ObjectMissing, StorageUnavailable
from taskapi.tasks.attachments import names, previews
from taskapi.tasks.attachments.errors import NoPreview
from taskapi.tasks.attachments.queries import ReadableRow
from taskapi.tasks.attachments.schemas import PreviewSize

CONTENT_FAILURES: Final = (NotFound, ObjectMissing, RangeNotSatisfiable, StorageUnavailable)
PREVIEW_FAILURES: Final = (NotFound, NoPreview, StorageUnavailable)
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The whole file", "content": {"*/*": _BYTES}},
    206: {"description": "The range that was asked for", "content": {"*/*": _BYTES}},
    302: {"description": "To where S3 gives the file for some minutes, where the service is set up so"},
    **problems(*CONTENT_FAILURES),
}
PREVIEW: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The preview", "content": {"image/webp": _BYTES}},
    **problems(*PREVIEW_FAILURES),
}


async def content(request: Request, row: ReadableRow, *, inline: bool) -> Response:
    file = Download(row["name"], row["size"], row["media_type"], f'"{row["sha256"]}"', inline=inline)
    storage, key = parts(request).storage, names.key(row["object_id"])
    return await downloads.answer(request, file, partial(storage.read, key), partial(storage.address, key))


async def preview(request: Request, row: ReadableRow, size: PreviewSize) -> Response:
    pieces = parts(request).storage.read(previews.key(row["object_id"], size))
    try:
        drawn = b"".join([piece async for piece in pieces])
    except ObjectMissing:
        raise NoPreview("There is none of this file, or none yet") from None
    file = Download(f"{row['name']}.webp", len(drawn), "image/webp", f'"{row["sha256"]}-{size}"', inline=True)
    return Response(drawn, 200, file.headers())
