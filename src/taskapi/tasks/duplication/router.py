"""/tasks/{task}/duplicate."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import created
from taskapi.core.http.problems import problems
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.duplication import service
from taskapi.tasks.duplication.schemas import TaskDuplication
from taskapi.tasks.errors import TooDeep
from taskapi.tasks.schemas import TaskRead

routes = router("/api/v1/tasks/{task}", "tasks", resource=Resource.TASKS)


@routes.post(
    "/duplicate",
    status_code=201,
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, WipLimitReached, TooDeep),
)
async def duplicate_task(task: TaskPath, body: TaskDuplication, session: WriteSession, caller: CurrentUser) -> Response:
    """Copy a task beside itself, or into another project, with its checklist and files, all still to be done.

    Subtasks, links, comments and the recurrence are not copied. In another project it has the labels and the milestone
    that are called there as here, and values of custom fields that fit there; assignees who are not members there, and
    the cycle, stay behind.
    """
    document = await service.duplicate_task(session, caller, task, body)
    return created(document, f"/api/v1/tasks/{document.fields()['id']}")
