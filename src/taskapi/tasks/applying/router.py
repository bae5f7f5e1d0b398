"""/projects/{project}/templates/{template_id}/apply."""

from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http.answers import created
from taskapi.core.http.problems import problems
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks.applying import service
from taskapi.tasks.applying.schemas import NOW, TemplateApplication
from taskapi.tasks.schemas import TaskRead

routes = router("/api/v1/projects/{project}/templates/{template_id}", "projects", resource=Resource.TASKS)


@routes.post(
    "/apply",
    status_code=201,
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, WipLimitReached, IdTaken),
)
async def apply_task_template(
    project: ProjectPath,
    template_id: UUID,
    session: WriteSession,
    caller: CurrentUser,
    body: TemplateApplication = NOW,
) -> Response:
    """Make a task from a template, with its checklist and subtasks.

    To say more of the task than the template does, `POST /projects/{project}/tasks` with `template_id`.
    """
    document = await service.apply_template(session, caller, project, template_id, body)
    return created(document, f"/api/v1/tasks/{document.fields()['id']}")
