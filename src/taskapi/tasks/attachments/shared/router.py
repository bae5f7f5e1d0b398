"""/shared/{token}/tasks/{task}/attachments and /shared/{token}/attachments."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.core.errors import InvalidCursor
from taskapi.core.http import pages
from taskapi.core.http.answers import NO_STORE
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.lists.paging import Page
from taskapi.core.parts import parts
from taskapi.projects.share_links.router import OPENING, LinkPath, SentPassword
from taskapi.tasks.attachments.queries import ReadableRow
from taskapi.tasks.attachments.router import (
    CONTENT,
    CONTENT_FAILURES,
    PREVIEW,
    PREVIEW_FAILURES,
    content_of,
    preview_of,
)
from taskapi.tasks.attachments.schemas import AttachmentFilter, AttachmentRead, ContentView, PreviewView
from taskapi.tasks.attachments.shared import service

routes = router("/api/v1/shared/{token}", "share-links")
# The answers that a link has instead of those to members: one 404 says that it does not open, or does not show this.
_CONTENT: Final = CONTENT | problems(*OPENING, *CONTENT_FAILURES)
_PREVIEW: Final = PREVIEW | problems(*OPENING, *PREVIEW_FAILURES)


async def _shown(
    token: LinkPath, attachment_id: UUID, request: Request, x_share_password: SentPassword = None
) -> ReadableRow:
    device = dependencies.device(request)
    return await service.find_attachment(parts(request), device, token, x_share_password, attachment_id)


_Shown = Annotated[ReadableRow, Depends(_shown)]


@routes.get(
    "/tasks/{task}/attachments",
    response_model=Page[AttachmentRead],
    responses=problems(InvalidCursor, *OPENING),
)
async def list_shared_attachments(
    token: LinkPath,
    task: TaskPath,
    request: Request,
    params: Annotated[AttachmentFilter, query(AttachmentFilter)],
    x_share_password: SentPassword = None,
) -> Response:
    """List the files on a task of the project that a link shows, where it shows files; the oldest first.

    People are ids here.
    """
    device = dependencies.device(request)
    found = await service.list_attachments(parts(request), device, token, x_share_password, task, params)
    answer = pages.respond(params, found)
    answer.headers["Cache-Control"] = NO_STORE
    return answer


@routes.get("/attachments/{attachment_id}/content", response_class=Response, responses=_CONTENT)
async def get_shared_content(
    row: _Shown, request: Request, params: Annotated[ContentView, query(ContentView)]
) -> Response:
    """Get a file that a link shows, or one range of its bytes; in a sandbox, as members do."""
    return await content_of(request, row, inline=params.inline)


@routes.get("/attachments/{attachment_id}/preview", response_class=Response, responses=_PREVIEW)
async def get_shared_preview(
    row: _Shown, request: Request, params: Annotated[PreviewView, query(PreviewView)]
) -> Response:
    """Get an image that a link shows, made smaller, as WebP."""
    return await preview_of(request, row, params.size)
