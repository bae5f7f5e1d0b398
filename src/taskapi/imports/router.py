"""/projects/{project}/imports and /imports."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http import pages, uploads
from taskapi.core.http.answers import json_answer, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.imports import service
from taskapi.imports.dependencies import Importing, Previewing
from taskapi.imports.errors import ImportInProgress, ImportOver
from taskapi.imports.formats import ImportFormat
from taskapi.imports.previews import Preview
from taskapi.imports.schemas import ImportFilter, ImportOptions, ImportPreview, ImportRead
from taskapi.imports.service import Received
from taskapi.projects.errors import ProjectArchived

of_project = router("/api/v1/projects/{project}/imports", "imports", resource=Resource.TASKS)
routes = router("/api/v1/imports", "imports", resource=Resource.TASKS)
_FORM: Final[dict[str, Any]] = {
    "format": {
        "type": "string",
        "description": "How the file is written: " + ", ".join(f"`{form.value}`" for form in ImportFormat),
        "examples": [ImportFormat.CSV.value],
    },
    "file": {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "description": "The file, in a part with a filename",
    },
    "mapping": {
        "type": "string",
        "description": 'JSON, which column is which field: `{"Due date": "due", "Team": "fields.team"}`. '
        "Null leaves a column out; columns that it does not name are known by their names",
        "examples": ['{"Summary": "title", "Owner": null}'],
    },
    "options": {
        "type": "string",
        "description": "JSON: "
        + "; ".join(f"`{name}`: {field.description}" for name, field in ImportOptions.model_fields.items()),
        "examples": ['{"unknown": "fields", "date_order": "dmy"}'],
    },
}
_DRY_RUN: Final[dict[str, Any]] = {
    "dry_run": {
        "type": "string",
        "pattern": "^(true|false)$",
        "description": "Whether everything is tried and nothing written; false unless you say so",
        "examples": ["true"],
    }
}


@of_project.post(
    "",
    status_code=202,
    response_model=ImportRead,
    responses=problems(Forbidden, ProjectArchived, ImportInProgress),
    openapi_extra=uploads.described(_FORM | _DRY_RUN, ["format", "file"]),
)
async def begin_import(
    project: ProjectPath,
    session: WriteSession,
    caller: CurrentUser,
    received: Annotated[Received, Depends(Importing())],
) -> Response:
    """Bring a file's tasks into a project. Read the answer's address again to see how far it has come.

    What is there already is known by its id in the file: a row that says what it said before changes nothing, one that
    says something else changes the task. A project has one import at a time.
    """
    begun = await service.begin_import(session, caller, project, received)
    return resource(begun, status=202, location=f"/api/v1/imports/{received.import_id}")


@of_project.post(
    "/preview",
    response_model=ImportPreview,
    responses=problems(Forbidden, ProjectArchived),
    openapi_extra=uploads.described(_FORM, ["format", "file"]),
)
async def preview_import(
    project: ProjectPath,
    session: WriteSession,
    caller: CurrentUser,
    received: Annotated[tuple[ImportFormat, Preview], Depends(Previewing())],
) -> Response:
    """See what a file would be read as: its columns, which field each would be, and its first rows. Nothing is kept."""
    return json_answer(await service.preview_import(session, caller, project, *received))


@of_project.get("", response_model=Page[ImportRead], responses=problems(Forbidden))
async def list_imports(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[ImportFilter, query(ImportFilter)],
) -> Response:
    """List the imports of a project, the newest first, each with its first 20 problems."""
    return pages.respond(params, await service.list_imports(session, caller, project, params))


@routes.get("/{import_id}", response_model=ImportRead, responses=problems(Forbidden))
async def get_import(import_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get an import, as far as it has come."""
    return resource(await service.get_import(session, caller, import_id))


@routes.delete("/{import_id}", status_code=204, responses=problems(Forbidden, ProjectArchived, ImportOver))
async def cancel_import(
    import_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Cancel an import that is not done. What it has written stays; no more is written from a moment later on."""
    await service.cancel_import(session, caller, import_id, if_match)
    return no_content()
