"""/tasks/{task}/links."""

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
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.links import service
from taskapi.tasks.links.errors import DependencyCycle, LinkExists, TooManyLinks
from taskapi.tasks.links.schemas import LinkCreate, LinkRead

routes = router("/api/v1/tasks/{task}/links", "tasks", resource=Resource.TASKS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[LinkRead])
async def list_links(
    task: TaskPath, session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List the links of a task, from whichever side they were made, the oldest first.

    A link to a task that is in the trash, or in a project that you are not in, is left out.
    """
    return pages.respond(params, await service.list_links(session, caller, task, params))


@routes.post(
    "",
    status_code=201,
    response_model=LinkRead,
    responses=problems(*_WRITING, LinkExists, DependencyCycle, TooManyLinks, IdTaken),
)
async def create_link(task: TaskPath, body: LinkCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Link this task with another one, of whatever project: you need to write in both. A task has 100 links at most."""
    link = await service.create_link(session, caller, task, body)
    return created(link, f"/api/v1/tasks/{task}/links/{link.fields()['id']}")


@routes.get("/{task_link_id}", response_model=LinkRead)
async def get_link(task: TaskPath, task_link_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one link, as this task sees it."""
    return resource(await service.get_link(session, caller, task, task_link_id))


@routes.delete("/{task_link_id}", status_code=204, responses=problems(*_WRITING))
async def delete_link(
    task: TaskPath, task_link_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a link, from either of its two tasks."""
    await service.delete_link(session, caller, task, task_link_id, if_match)
    return no_content()
