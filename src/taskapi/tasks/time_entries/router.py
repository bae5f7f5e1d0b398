"""/tasks/{task}/time-entries, /tasks/{task}/timer and /users/me/timer."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource, text_answer
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.core.resources.document import Document
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.time_entries import service
from taskapi.tasks.time_entries.errors import NoTimerRunning, TimerRunning
from taskapi.tasks.time_entries.schemas import (
    RunningTimer,
    TimeEntryCreate,
    TimeEntryFilter,
    TimeEntryRead,
    TimeEntryUpdate,
)

routes = router("/api/v1/tasks/{task}", "tasks", resource=Resource.TASKS)
own = router("/api/v1/users/me/timer", "tasks", resource=Resource.TASKS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("/time-entries", response_model=Page[TimeEntryRead])
async def list_time_entries(
    task: TaskPath,
    session: ReadSession,
    user: CurrentUser,
    params: Annotated[TimeEntryFilter, query(TimeEntryFilter)],
) -> Response:
    """List the time that everybody has worked on a task, the latest first. `expand=time` on a task tells the sum."""
    return pages.respond(params, await service.list_time_entries(session, user, task, params))


@routes.post("/time-entries", status_code=201, response_model=TimeEntryRead, responses=problems(*_WRITING, IdTaken))
async def create_time_entry(
    task: TaskPath, body: TimeEntryCreate, session: WriteSession, user: CurrentUser
) -> Response:
    """Write down time that you have worked on a task. Entries may overlap."""
    return _made(task, await service.create_time_entry(session, user, task, body))


@routes.get("/time-entries/{entry_id}", response_model=TimeEntryRead)
async def get_time_entry(task: TaskPath, entry_id: UUID, session: ReadSession, user: CurrentUser) -> Response:
    """Get one time entry."""
    return resource(await service.get_time_entry(session, user, task, entry_id))


@routes.patch("/time-entries/{entry_id}", response_model=TimeEntryRead, responses=problems(*_WRITING))
async def update_time_entry(
    task: TaskPath,
    entry_id: UUID,
    body: TimeEntryUpdate,
    session: WriteSession,
    user: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change a time entry of yours; admins of the project change everybody's."""
    return resource(await service.update_time_entry(session, user, task, entry_id, body, if_match))


@routes.delete("/time-entries/{entry_id}", status_code=204, responses=problems(*_WRITING))
async def delete_time_entry(
    task: TaskPath, entry_id: UUID, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a time entry of yours; admins of the project delete everybody's."""
    await service.delete_time_entry(session, user, task, entry_id, if_match)
    return no_content()


@routes.post("/timer/start", status_code=201, response_model=TimeEntryRead, responses=problems(*_WRITING, TimerRunning))
async def start_timer(task: TaskPath, session: WriteSession, user: CurrentUser) -> Response:
    """Start your timer on a task. You have one: while it runs, on whatever task, this is a 409."""
    return _made(task, await service.start_timer(session, user, task))


@routes.post("/timer/stop", response_model=TimeEntryRead, responses=problems(Forbidden, NoTimerRunning))
async def stop_timer(task: TaskPath, session: WriteSession, user: CurrentUser) -> Response:
    """Stop your timer on a task. One that was forgotten ends 7 days after it was started."""
    return resource(await service.stop_timer(session, user, task))


@own.get("", response_model=RunningTimer)
async def get_timer(session: ReadSession, user: CurrentUser) -> Response:
    """Tell which of your timers is running, if one is."""
    return text_answer(f'{{"timer":{await service.get_timer(session, user)}}}')


@own.post("/stop", response_model=TimeEntryRead, responses=problems(NoTimerRunning))
async def stop_own_timer(session: WriteSession, user: CurrentUser) -> Response:
    """Stop your timer, on whatever task it is running."""
    return resource(await service.stop_own_timer(session, user))


def _made(task: str, entry: Document) -> Response:
    return created(entry, f"/api/v1/tasks/{task}/time-entries/{entry.fields()['id']}")
