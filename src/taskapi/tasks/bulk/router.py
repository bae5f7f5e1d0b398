"""/tasks/bulk."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.http.answers import text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.bulk import service
from taskapi.tasks.bulk.errors import TooManyAssignees, TooManyLabelsOfTask, TooManyTasks
from taskapi.tasks.bulk.schemas import BulkResult, BulkUpdate
from taskapi.tasks.errors import InvalidFilter, ParentCycle

routes = router("/api/v1", "tasks", resource=Resource.TASKS)


@routes.post(
    "/tasks/bulk",
    response_model=BulkResult,
    responses=problems(
        Forbidden,
        NotFound,
        ProjectArchived,
        ParentCycle,
        TooManyAssignees,
        TooManyLabelsOfTask,
        TooManyTasks,
        WipLimitReached,
        InvalidFilter,
    ),
)
async def bulk_update_tasks(body: BulkUpdate, session: WriteSession, user: CurrentUser) -> Response:
    """Change up to 1,000 tasks in the same way, all or none of them.

    Where one of them cannot be found, or may not be changed so, nothing is written and the problem names it. All
    changes are one batch of the change log. With `Prefer: validate-only` the answer counts what would have changed.
    """
    result = await service.change_tasks(session, user, body)
    return text_answer(result.model_dump_json())
