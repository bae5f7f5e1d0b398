"""DELETE /tasks/{task}, /tasks/{task}/restore and /projects/{project}/trash."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath, TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import NotInTrash, ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.schemas import TaskDeletion, TaskRead
from taskapi.tasks.trash import service

routes = router("/api/v1", "tasks", resource=Resource.TASKS)


@routes.delete(
    "/tasks/{task}",
    status_code=204,
    responses=problems(Forbidden, ProjectArchived),
)
async def delete_task(
    task: TaskPath,
    session: WriteSession,
    user: CurrentUser,
    params: Annotated[TaskDeletion, query(TaskDeletion)],
    if_match: IfMatch = None,
) -> Response:
    """Move a task to the trash, for 30 days, with all subtasks; for good, it goes alone, and its subtasks stay."""
    if params.permanent:
        await service.purge_task(session, user, task, if_match)
    else:
        await service.delete_task(session, user, task, if_match)
    return no_content()


@routes.post(
    "/tasks/{task}/restore",
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, NotInTrash, WipLimitReached),
)
async def restore_task(task: TaskPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None) -> Response:
    """Bring a task back from the trash, with the subtasks that went with it; one that is not in it is a 409."""
    return resource(await service.restore_task(session, user, task, if_match))


@routes.get(
    "/projects/{project}/trash",
    response_model=Page[TaskRead],
)
async def list_trash(
    project: ProjectPath,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the deleted tasks of a project, newest first."""
    found = await service.list_trash(session, user, project, params)
    return pages.respond(params, found)
