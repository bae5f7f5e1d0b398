"""/tasks/{task}/watch and /tasks/{task}/watchers."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.watchers import service
from taskapi.tasks.watchers.schemas import WatcherRead

routes = router("/api/v1/tasks/{task}", "tasks", resource=Resource.TASKS)


@routes.get("/watchers", response_model=Page[WatcherRead])
async def list_watchers(
    task: TaskPath, session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List who watches a task, by username: creator, assignees, who comments, who is mentioned, and who chose to."""
    return pages.respond(params, await service.list_watchers(session, caller, task, params))


@routes.put("/watch", status_code=204, responses=problems(Forbidden, ProjectArchived))
async def watch_task(task: TaskPath, session: WriteSession, caller: CurrentUser) -> Response:
    """Watch a task."""
    await service.choose(session, caller, task, watching=True)
    return no_content()


@routes.delete("/watch", status_code=204, responses=problems(Forbidden, ProjectArchived))
async def unwatch_task(task: TaskPath, session: WriteSession, caller: CurrentUser) -> Response:
    """Watch a task no more, whatever part you have in it or get in it later."""
    await service.choose(session, caller, task, watching=False)
    return no_content()
