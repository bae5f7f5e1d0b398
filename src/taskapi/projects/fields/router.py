"""/projects/{project}/fields."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.fields import service
from taskapi.projects.fields.errors import FieldKeyTaken, FieldOptionInUse, TooManyFields
from taskapi.projects.fields.schemas import FieldCreate, FieldRead, FieldUpdate

routes = router("/api/v1/projects/{project}/fields", "projects", resource=Resource.PROJECTS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[FieldRead])
async def list_fields(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the custom fields that tasks of this project have, in their order."""
    return pages.respond(params, await service.list_fields(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=FieldRead,
    responses=problems(*_WRITING, FieldKeyTaken, TooManyFields, IdTaken),
)
async def create_field(project: ProjectPath, body: FieldCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a custom field, at its position or at the end. A project has 50 at most."""
    field = await service.create_field(session, caller, project, body)
    return created(field, f"/api/v1/projects/{project}/fields/{field.fields()['id']}")


@routes.get("/{field_id}", response_model=FieldRead)
async def get_field(project: ProjectPath, field_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one custom field."""
    return resource(await service.get_field(session, caller, project, field_id))


@routes.patch("/{field_id}", response_model=FieldRead, responses=problems(*_WRITING, FieldOptionInUse))
async def update_field(
    project: ProjectPath,
    field_id: UUID,
    body: FieldUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change a custom field. Its key and type stay for ever, and an option stays while tasks have it."""
    return resource(await service.update_field(session, caller, project, field_id, body, if_match))


@routes.delete("/{field_id}", status_code=204, responses=problems(*_WRITING))
async def delete_field(
    project: ProjectPath, field_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a custom field, and with it the values that tasks have for it. The change log remembers them."""
    await service.delete_field(session, caller, project, field_id, if_match)
    return no_content()
