"""/tasks/{task}/history and /projects/{project}/history."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.changes.history import service
from taskapi.changes.history.schemas import HistoryFilter, HistoryPage
from taskapi.core.access.permissions import Resource
from taskapi.core.fields import rfc3339_or_null
from taskapi.core.http import pages
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath, TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession

routes = router("/api/v1/tasks/{task}/history", "changes", resource=Resource.TASKS)
of_projects = router("/api/v1/projects/{project}/history", "changes", resource=Resource.PROJECTS)


@routes.get("", response_model=HistoryPage)
async def list_task_history(
    task: TaskPath, session: ReadSession, user: CurrentUser, params: Annotated[HistoryFilter, query(HistoryFilter)]
) -> Response:
    """List what happened to a task and to what hangs on it, such as comments and links, the newest first.

    What happened while it was in another project is told to those who are in that project, too.
    """
    found, since = await service.list_of_task(session, user, task, params)
    return pages.respond(params, found, {"complete_since": rfc3339_or_null(since)})


@of_projects.get("", response_model=HistoryPage)
async def list_project_history(
    project: ProjectPath,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[HistoryFilter, query(HistoryFilter)],
) -> Response:
    """List what happened in a project, the newest first: of each kind what your role lets you read.

    An API token needs the scope of a kind, too: by `projects:read` alone it is not told of tasks.
    """
    found, since = await service.list_of_project(session, user, project, params)
    return pages.respond(params, found, {"complete_since": rfc3339_or_null(since)})
