"""/tasks/{task}/merge."""

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
from taskapi.tasks.errors import TooMuchToMerge
from taskapi.tasks.links.errors import TooManyLinks
from taskapi.tasks.merging import service
from taskapi.tasks.merging.errors import IsDuplicateItself, NoCancelledStatus
from taskapi.tasks.merging.schemas import TaskMerge
from taskapi.tasks.schemas import TaskRead

routes = router("/api/v1/tasks/{task}", "tasks", resource=Resource.TASKS)


@routes.post(
    "/merge",
    response_model=TaskRead,
    responses=problems(
        *(Forbidden, ProjectArchived, NoCancelledStatus, WipLimitReached, IsDuplicateItself, TooManyLinks),
        TooMuchToMerge,
    ),
)
async def merge_task(
    task: TaskPath, body: TaskMerge, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Merge a task into the one that it duplicates. The answer is that one; `If-Match` is about the one in the path.

    Its comments with their reactions, its time entries, running timers among them, and who watches it go to the other
    task, and reminders of those who see that one. A `duplicates` link stays, and the merged task is cancelled and
    comes again no more. You need to write in both projects. Its subtasks, its checklist and its other links stay.
    """
    return resource(await service.merge_task(session, caller, task, body, if_match))
