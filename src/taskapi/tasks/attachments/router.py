"""/tasks/{task}/attachments and /attachments."""

from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.http import downloads, pages, uploads
from taskapi.core.http.answers import no_content, resource, text_answer
from taskapi.core.http.downloads import Download, RangeNotSatisfiable
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.core.parts import parts
from taskapi.core.resources.document import Document
from taskapi.core.storage.errors import NoRoomForFiles, ObjectMissing, StorageUnavailable
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.attachments import names, previews, service
from taskapi.tasks.attachments.dependencies import Attaching
from taskapi.tasks.attachments.errors import FileTooLarge, NoPreview, ProjectFilesFull, TaskFilesFull, UserFilesFull
from taskapi.tasks.attachments.queries import ReadableRow
from taskapi.tasks.attachments.schemas import (
    Attached,
    AttachmentFilter,
    AttachmentRead,
    AttachmentUpdate,
    ContentView,
    PreviewSize,
    PreviewView,
)
from taskapi.tasks.attachments.service import Received

of_task = router("/api/v1/tasks/{task}/attachments", "attachments", resource=Resource.TASKS)
routes = router("/api/v1/attachments", "attachments", resource=Resource.TASKS)
_WRITING = (Forbidden, ProjectArchived)
_FULL = (FileTooLarge, TaskFilesFull, ProjectFilesFull, UserFilesFull, NoRoomForFiles, StorageUnavailable)
_FILES = {
    "file": {
        "type": "array",
        "minItems": 1,
        "maxItems": 10,
        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
        "description": "One file or more, each in a part of this name",
        "examples": [["(what is in the file)"]],
    }
}

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


@of_task.get("", response_model=Page[AttachmentRead])
async def list_attachments(
    task: TaskPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[AttachmentFilter, query(AttachmentFilter)],
) -> Response:
    """List the files on a task, the oldest first unless you sort them."""
    return pages.respond(params, await service.list_attachments(session, caller, task, params))


@of_task.post(
    "",
    status_code=201,
    response_model=Attached,
    responses=problems(*_WRITING, *_FULL),
    openapi_extra=uploads.described(_FILES, ["file"]),
)
async def attach_files(
    request: Request,
    task: TaskPath,
    session: WriteSession,
    caller: CurrentUser,
    received: Annotated[list[Received], Depends(Attaching())],
) -> Response:
    """Attach files to a task: all of them, or none.

    A file may have 50 MB unless the service is set up otherwise. What it is told to be is what its own bytes say.
    """
    attached = await service.attach(session, caller, task, received, parts(request).settings.storage)
    return text_answer(f'{{"items":[{",".join(document.json for document in attached)}]}}', status=201)


@routes.get("/{attachment_id}", response_model=AttachmentRead)
async def get_attachment(attachment_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get what is known of a file."""
    return resource(Document.of(await service.find_attachment(session, caller, attachment_id)))


@routes.patch("/{attachment_id}", response_model=AttachmentRead, responses=problems(*_WRITING))
async def update_attachment(
    attachment_id: UUID, body: AttachmentUpdate, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Rename your file or, as an administrator of the project, anybody's."""
    return resource(await service.update_attachment(session, caller, attachment_id, body, if_match))


@routes.delete("/{attachment_id}", status_code=204, responses=problems(*_WRITING))
async def delete_attachment(
    attachment_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete your file for good or, as an administrator of the project, anybody's."""
    await service.delete_attachment(session, caller, attachment_id, if_match)
    return no_content()


@routes.get("/{attachment_id}/content", response_class=Response, responses=CONTENT)
async def get_attachment_content(
    request: Request,
    attachment_id: UUID,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[ContentView, query(ContentView)],
) -> Response:
    """Get the file itself, or one range of its bytes.

    Its `ETag` is the SHA-256 of the content. It is sent to be saved, in a sandbox, whatever it holds; `inline=true`
    has a browser show what is a PNG, JPEG, GIF, WebP or PDF. A service may send you on to S3 (302), with an address
    that opens this file for some minutes.
    """
    row = await service.find_attachment(session, caller, attachment_id)
    await session.close()
    return await content_of(request, row, inline=params.inline)


@routes.get("/{attachment_id}/preview", response_class=Response, responses=PREVIEW)
async def get_attachment_preview(
    request: Request,
    attachment_id: UUID,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PreviewView, query(PreviewView)],
) -> Response:
    """Get an image made smaller, as WebP, without what a camera wrote beside its pixels.

    A worker draws the previews of a PNG, JPEG, GIF or WebP of up to 50 million pixels some seconds after it was
    attached; until then, and of all else, there is none (404 `no_preview`).
    """
    row = await service.find_attachment(session, caller, attachment_id)
    await session.close()
    return await preview_of(request, row, params.size)


async def content_of(request: Request, row: ReadableRow, *, inline: bool) -> Response:
    file = Download(row["name"], row["size"], row["media_type"], f'"{row["sha256"]}"', inline=inline)
    storage, key = parts(request).storage, names.key(row["object_id"])
    return await downloads.answer(request, file, partial(storage.read, key), partial(storage.address, key))


async def preview_of(request: Request, row: ReadableRow, size: PreviewSize) -> Response:
    pieces = parts(request).storage.read(previews.key(row["object_id"], size))
    try:
        drawn = b"".join([piece async for piece in pieces])
    except ObjectMissing:
        raise NoPreview("There is none of this file, or none yet") from None
    file = Download(f"{row['name']}.webp", len(drawn), "image/webp", f'"{row["sha256"]}-{size}"', inline=True)
    return Response(drawn, 200, file.headers())
