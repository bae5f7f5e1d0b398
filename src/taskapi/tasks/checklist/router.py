"""/tasks/{task}/checklist."""

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
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.checklist import service
from taskapi.tasks.checklist.errors import ChecklistFull
from taskapi.tasks.checklist.schemas import ItemCreate, ItemRead, ItemUpdate
from taskapi.tasks.errors import NoSuchStatus, TooDeep
from taskapi.tasks.schemas import TaskRead

routes = router("/api/v1/tasks/{task}/checklist", "tasks", resource=Resource.TASKS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[ItemRead])
async def list_checklist(
    task: TaskPath, session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List the checklist of a task, from top to bottom."""
    return pages.respond(params, await service.list_items(session, caller, task, params))


@routes.post("", status_code=201, response_model=ItemRead, responses=problems(*_WRITING, ChecklistFull, IdTaken))
async def create_checklist_item(
    task: TaskPath, body: ItemCreate, session: WriteSession, caller: CurrentUser
) -> Response:
    """Add an item, at its position or at the end; those from there on move down. A checklist has 200 at most."""
    item = await service.create_item(session, caller, task, body)
    return created(item, f"/api/v1/tasks/{task}/checklist/{item.fields()['id']}")


@routes.get("/{item_id}", response_model=ItemRead)
async def get_checklist_item(task: TaskPath, item_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one item of a checklist."""
    return resource(await service.get_item(session, caller, task, item_id))


@routes.patch("/{item_id}", response_model=ItemRead, responses=problems(*_WRITING))
async def update_checklist_item(
    task: TaskPath,
    item_id: UUID,
    body: ItemUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change an item, tick it off, or move it: a position moves the others."""
    return resource(await service.update_item(session, caller, task, item_id, body, if_match))


@routes.delete("/{item_id}", status_code=204, responses=problems(*_WRITING))
async def delete_checklist_item(
    task: TaskPath, item_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete an item; those below it move up."""
    await service.delete_item(session, caller, task, item_id, if_match)
    return no_content()


@routes.post(
    "/{item_id}/convert",
    status_code=201,
    response_model=TaskRead,
    responses=problems(*_WRITING, WipLimitReached, TooDeep, NoSuchStatus),
)
async def convert_checklist_item(
    task: TaskPath, item_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Make a subtask of an item, which goes; one that is done becomes a task in the first `done` status."""
    document = await service.convert_item(session, caller, task, item_id, if_match)
    return created(document, f"/api/v1/tasks/{document.fields()['id']}")
