"""/tasks/batch."""

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken, NotFound, PreconditionFailed
from taskapi.core.http.answers import text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import NotInTrash, ProjectArchived
from taskapi.tasks.batch import service
from taskapi.tasks.batch.errors import ReferenceFailed, UnknownResult
from taskapi.tasks.batch.results import as_json
from taskapi.tasks.batch.schemas import Batch, BatchResults
from taskapi.tasks.errors import NoSuchStatus, ParentCycle

routes = router("/api/v1", "tasks", resource=Resource.TASKS)


@routes.post(
    "/tasks/batch",
    response_model=BatchResults,
    responses=problems(
        *(Forbidden, NotFound, ProjectArchived, IdTaken, ParentCycle, NoSuchStatus, NotInTrash, PreconditionFailed),
        *(ReferenceFailed, UnknownResult),
    ),
)
async def batch_tasks(body: Batch, session: WriteSession, user: CurrentUser, request: Request) -> Response:
    """Do up to 100 operations on tasks in order, all or nothing or each by itself.

    With `atomic` the first failure is the answer, with `index` saying which operation it was, and nothing is stored.
    Without, each result has its own status, and its problem where it failed. All changes are one batch of the change
    log. It counts as one request.
    """
    results = await service.perform(session, user, body)
    return text_answer(as_json(results, request.url.path))
