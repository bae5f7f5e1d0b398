"""/tasks/quick."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, NotFound
from taskapi.core.http.answers import text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.quick import service
from taskapi.tasks.quick.errors import NoProjectNamed, NoTitle, TextTooMuch
from taskapi.tasks.quick.schemas import QuickAnswer, QuickTask

routes = router("/api/v1", "tasks", resource=Resource.TASKS)


@routes.post(
    "/tasks/quick",
    status_code=201,
    response_model=QuickAnswer,
    responses=problems(Forbidden, NotFound, ProjectArchived, NoTitle, TextTooMuch, NoProjectNamed),
)
async def quick_add_task(body: QuickTask, session: WriteSession, user: CurrentUser) -> Response:
    """Add a task from a line of text, as `Fix login !high @maria #bug tomorrow 17:00 every 2 weeks`.

    The answer says which parts of the text were understood, and as what; the rest is the title. Days are yours, in the
    time zone of your account. With `Prefer: validate-only` it is a preview: nothing is stored.
    """
    document, understood = await service.add_task(session, user, body)
    return text_answer(
        f'{{"task":{document.json},"understood":{understood.model_dump_json()}}}',
        status=201,
        headers={"Location": f"/api/v1/tasks/{document.fields()['id']}"},
    )
