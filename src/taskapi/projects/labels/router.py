"""/projects/{project}/labels."""

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
from taskapi.core.lists.paging import Page
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.labels import service
from taskapi.projects.labels.errors import LabelNameTaken, TooManyLabels
from taskapi.projects.labels.schemas import LabelCreate, LabelFilter, LabelRead, LabelUpdate

routes = router("/api/v1/projects/{project}/labels", "projects", resource=Resource.PROJECTS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[LabelRead])
async def list_labels(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[LabelFilter, query(LabelFilter)],
) -> Response:
    """List the labels of a project, by name."""
    return pages.respond(params, await service.list_labels(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=LabelRead,
    responses=problems(*_WRITING, LabelNameTaken, TooManyLabels, IdTaken),
)
async def create_label(project: ProjectPath, body: LabelCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Make a label. A project has 500 at most."""
    label = await service.create_label(session, caller, project, body)
    return created(label, f"/api/v1/projects/{project}/labels/{label.fields()['id']}")


@routes.get("/{label_id}", response_model=LabelRead)
async def get_label(project: ProjectPath, label_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one label."""
    return resource(await service.get_label(session, caller, project, label_id))


@routes.patch("/{label_id}", response_model=LabelRead, responses=problems(*_WRITING, LabelNameTaken))
async def update_label(
    project: ProjectPath,
    label_id: UUID,
    body: LabelUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change the name or the colour of a label, on every task that has it."""
    return resource(await service.update_label(session, caller, project, label_id, body, if_match))


@routes.delete("/{label_id}", status_code=204, responses=problems(*_WRITING))
async def delete_label(
    project: ProjectPath, label_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a label, for good. It comes off every task that has it."""
    await service.delete_label(session, caller, project, label_id, if_match)
    return no_content()
