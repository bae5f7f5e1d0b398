"""/tasks/{task}/reminders."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.reminders import service
from taskapi.tasks.reminders.errors import TooManyReminders
from taskapi.tasks.reminders.schemas import ReminderCreate, ReminderRead

routes = router("/api/v1/tasks/{task}/reminders", "tasks", resource=Resource.TASKS)


@routes.get("", response_model=Page[ReminderRead])
async def list_reminders(
    task: TaskPath, session: ReadSession, user: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List your reminders of a task. Nobody else sees them, and you see nobody else's."""
    return pages.respond(params, await service.list_reminders(session, user, task, params))


@routes.post(
    "", status_code=201, response_model=ReminderRead, responses=problems(ProjectArchived, TooManyReminders, IdTaken)
)
async def create_reminder(task: TaskPath, body: ReminderCreate, session: WriteSession, user: CurrentUser) -> Response:
    """Set a reminder for yourself: at an instant, or so long before the task is due. You have 20 of a task at most."""
    reminder = await service.create_reminder(session, user, task, body)
    return created(reminder, f"/api/v1/tasks/{task}/reminders/{reminder.fields()['id']}")


@routes.get("/{reminder_id}", response_model=ReminderRead)
async def get_reminder(task: TaskPath, reminder_id: UUID, session: ReadSession, user: CurrentUser) -> Response:
    """Get one of your reminders."""
    return resource(await service.get_reminder(session, user, task, reminder_id))


@routes.delete("/{reminder_id}", status_code=204, responses=problems(ProjectArchived))
async def delete_reminder(
    task: TaskPath, reminder_id: UUID, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete one of your reminders."""
    await service.delete_reminder(session, user, task, reminder_id, if_match)
    return no_content()
