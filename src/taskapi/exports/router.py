"""GET /projects/{project}/export."""

from typing import Annotated, Final

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core import context
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, Overloaded, StorageFull
from taskapi.core.http.answers import NO_STORE
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.parts import parts
from taskapi.exports import service
from taskapi.exports.schemas import ExportFormat, ExportParams

routes = router("/api/v1/projects/{project}/export", "projects", resource=Resource.TASKS)

_TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ExportFormat.NDJSON: "application/x-ndjson",
    ExportFormat.ZIP: "application/zip",
    ExportFormat.ICS: "text/calendar; charset=utf-8",
}
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_FILES: Final = {
    "description": "A file, as it was asked for",
    "content": {media_type.partition(";")[0]: _FILE for media_type in _TYPES.values()},
}


@routes.get(
    "",
    response_class=StreamingResponse,
    responses={200: _FILES, **problems(Forbidden, Overloaded, StorageFull)},
)
async def export_project(
    project: ProjectPath,
    request: Request,
    caller: CurrentUser,
    params: Annotated[ExportParams, query(ExportParams)],
) -> Response:
    """Export a project, as it is at one moment: its tasks as a table or a calendar, or all that it holds.

    Whoever reads a project may take it along. What is in its trash stays there. `ndjson` ends with a line that counts
    the others; a file without it broke off. An API token needs the scopes `projects:read` and `members:read`, too,
    for `ndjson` and `zip`.
    """
    head = context.HEAD_ALONE in request.scope
    made = await service.export(parts(request), caller, project, params.format, head=head)
    headers = {"Cache-Control": NO_STORE, "Content-Disposition": f'attachment; filename="{made.name}"'}
    if made.chunks is None:
        return Response(headers=headers, media_type=_TYPES[params.format])
    return StreamingResponse(made.chunks, headers=headers, media_type=_TYPES[params.format])
