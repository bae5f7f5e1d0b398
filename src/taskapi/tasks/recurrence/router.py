"""/tasks/{task}/recurrence."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import json_answer, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.errors import TaskClosed
from taskapi.tasks.recurrence import service
from taskapi.tasks.recurrence.errors import NotRecurring, RecurrenceEnded
from taskapi.tasks.recurrence.schemas import Preview, PreviewParams, RecurrenceSet
from taskapi.tasks.schemas import TaskRead

routes = router("/api/v1/tasks/{task}/recurrence", "tasks", resource=Resource.TASKS)


@routes.put("", response_model=TaskRead, responses=problems(Forbidden, ProjectArchived, TaskClosed))
async def set_recurrence(
    task: TaskPath, body: RecurrenceSet, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Let a task come again. Whoever completes it makes the next one, in your time zone.

    The next is a new task with the next number, and takes over everything but the dates: they move together. The rule
    is then with that one. A task without a due date gets the first day of the rule.
    """
    return resource(await service.set_recurrence(session, user, task, body, if_match))


@routes.delete("", status_code=204, responses=problems(Forbidden, ProjectArchived))
async def end_recurrence(
    task: TaskPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Let a task come no more. The task itself stays as it is."""
    await service.end_recurrence(session, user, task, if_match)
    return no_content()


@routes.get("/preview", response_model=Preview)
async def preview_recurrence(
    task: TaskPath, session: ReadSession, user: CurrentUser, params: Annotated[PreviewParams, query(PreviewParams)]
) -> Response:
    """Tell when a task will come again: the due dates after its own.

    Where they are counted from completion, as if it were done today. None where it does not come again.
    """
    return json_answer({"items": await service.preview(session, user, task, params.count)})


@routes.post(
    "/skip",
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, TaskClosed, NotRecurring, RecurrenceEnded),
)
async def skip_occurrence(
    task: TaskPath, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Skip an occurrence: the task goes to the dates of the next, and keeps all else."""
    return resource(await service.skip(session, user, task, if_match))
