"""/tasks/{task}/complete, /reopen and /move."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.errors import NoSuchStatus, TooManySubtasks
from taskapi.tasks.flow import service
from taskapi.tasks.schemas import TaskMove, TaskRead

routes = router("/api/v1/tasks/{task}", "tasks", resource=Resource.TASKS)
_RESPONSES = problems(Forbidden, ProjectArchived, NoSuchStatus, WipLimitReached)


@routes.post("/complete", response_model=TaskRead, responses=_RESPONSES)
async def complete_task(task: TaskPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None) -> Response:
    """Move a task into the first `done` status of its project."""
    return resource(await service.complete_task(session, user, task, if_match))


@routes.post("/reopen", response_model=TaskRead, responses=_RESPONSES)
async def reopen_task(task: TaskPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None) -> Response:
    """Move a done or cancelled task back to the first `unstarted` status of its project."""
    return resource(await service.reopen_task(session, user, task, if_match))


@routes.post(
    "/move",
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, NoSuchStatus, TooManySubtasks),
)
async def move_task(
    task: TaskPath, body: TaskMove, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Move a task to another status, another place in the order, another project, or all of these at once.

    In another project it gets a new number and key, with its subtasks, up to 500; the old keys redirect (308).
    Each has the labels and the milestone there that are called as here, and values of custom fields that fit there.
    Assignees who are not members there, its parent, its cycle, labels without a namesake, and subtasks in the trash
    stay behind.
    """
    return resource(await service.move_task(session, user, task, body, if_match))
