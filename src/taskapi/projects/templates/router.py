"""/projects/{project}/templates."""

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
from taskapi.projects.templates import service
from taskapi.projects.templates.errors import TaskTemplateNameTaken, TooManyTaskTemplates
from taskapi.projects.templates.schemas import (
    TaskTemplateCreate,
    TaskTemplateFilter,
    TaskTemplateRead,
    TaskTemplateUpdate,
)

routes = router("/api/v1/projects/{project}/templates", "projects", resource=Resource.PROJECTS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[TaskTemplateRead])
async def list_task_templates(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[TaskTemplateFilter, query(TaskTemplateFilter)],
) -> Response:
    """List the templates of a project's tasks, by name."""
    return pages.respond(params, await service.list_templates(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=TaskTemplateRead,
    responses=problems(*_WRITING, TaskTemplateNameTaken, TooManyTaskTemplates, IdTaken),
)
async def create_task_template(
    project: ProjectPath, body: TaskTemplateCreate, session: WriteSession, caller: CurrentUser
) -> Response:
    """Make a template of tasks. A project has 100 at most."""
    template = await service.create_template(session, caller, project, body)
    return created(template, f"/api/v1/projects/{project}/templates/{template.fields()['id']}")


@routes.get("/{template_id}", response_model=TaskTemplateRead)
async def get_task_template(
    project: ProjectPath, template_id: UUID, session: ReadSession, caller: CurrentUser
) -> Response:
    """Get one template."""
    return resource(await service.get_template(session, caller, project, template_id))


@routes.patch("/{template_id}", response_model=TaskTemplateRead, responses=problems(*_WRITING, TaskTemplateNameTaken))
async def update_task_template(
    project: ProjectPath,
    template_id: UUID,
    body: TaskTemplateUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change a template. Tasks that were made from it stay as they are."""
    return resource(await service.update_template(session, caller, project, template_id, body, if_match))


@routes.delete("/{template_id}", status_code=204, responses=problems(*_WRITING))
async def delete_task_template(
    project: ProjectPath, template_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a template, for good. Tasks that were made from it stay."""
    await service.delete_template(session, caller, project, template_id, if_match)
    return no_content()
