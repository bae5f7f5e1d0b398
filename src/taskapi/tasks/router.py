"""/tasks and /projects/{project}/tasks."""

from typing import Annotated

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken, NotFound
from taskapi.core.http import pages
from taskapi.core.http.answers import created, resource, text_answer
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath, TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.statuses.errors import WipLimitReached
from taskapi.tasks import service
from taskapi.tasks.errors import InvalidFilter, ParentCycle, TooDeep, TooManyGroups
from taskapi.tasks.filters.schemas import ProjectTaskFilter, TaskFilter
from taskapi.tasks.lists import service as lists
from taskapi.tasks.lists.schemas import TaskGroups
from taskapi.tasks.past import service as past
from taskapi.tasks.schemas import TaskCreate, TaskExpanded, TaskRead, TaskUpdate, TaskView
from taskapi.tasks.views.errors import ViewOfAnotherProject

routes = router("/api/v1", "tasks", resource=Resource.TASKS)


@routes.get("/tasks/{task}", response_model=TaskExpanded)
async def get_task(
    task: TaskPath, session: ReadSession, user: CurrentUser, params: Annotated[TaskView, query(TaskView)]
) -> Response:
    """Get a task; with `at`, as it was at that moment."""
    if params.at is not None:
        return text_answer(await past.get_task_at(session, user, task, params.at))
    return resource(await service.get_task(session, user, task, frozenset(params.expand)))


@routes.get(
    "/projects/{project}/tasks",
    response_model=Page[TaskExpanded] | TaskGroups,
    responses=problems(NotFound, TooManyGroups, InvalidFilter, ViewOfAnotherProject),
)
async def list_project_tasks(
    project: ProjectPath,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[ProjectTaskFilter, query(ProjectTaskFilter)],
) -> Response:
    """List the tasks of a project, in their manual order unless you sort them; as a board with `group_by=status`."""
    if params.group_by is not None:
        asked, groups = await lists.list_project_in_groups(session, user, project, params)
        return pages.respond_in_groups(asked, str(asked.group_by), groups)
    asked, found = await lists.list_project_tasks(session, user, project, params)
    return pages.respond(asked, found)


@routes.post(
    "/projects/{project}/tasks",
    status_code=201,
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, WipLimitReached, IdTaken, TooDeep),
)
async def create_task(project: ProjectPath, body: TaskCreate, session: WriteSession, user: CurrentUser) -> Response:
    """Add a task. It gets the next number of the project and stands last in its order."""
    document = await service.create_task(session, user, project, body)
    return created(document, f"/api/v1/tasks/{document.fields()['id']}")


@routes.patch(
    "/tasks/{task}",
    response_model=TaskRead,
    responses=problems(Forbidden, ProjectArchived, WipLimitReached, ParentCycle, TooDeep),
)
async def update_task(
    task: TaskPath, body: TaskUpdate, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Change a task (JSON Merge Patch): absent fields stay, null clears. Entering a closed status completes it."""
    return resource(await service.update_task(session, user, task, body, if_match))


@routes.get(
    "/tasks",
    response_model=Page[TaskExpanded] | TaskGroups,
    responses=problems(NotFound, TooManyGroups, InvalidFilter, ViewOfAnotherProject),
)
async def list_tasks(
    session: ReadSession, user: CurrentUser, params: Annotated[TaskFilter, query(TaskFilter)]
) -> Response:
    """List the tasks of all your projects that are not archived, the newest first unless you sort them."""
    if params.group_by is not None:
        params, groups = await lists.list_in_groups(session, user, params)
        return pages.respond_in_groups(params, str(params.group_by), groups)
    params, found = await lists.list_tasks(session, user, params)
    return pages.respond(params, found)
