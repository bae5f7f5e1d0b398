"""A task as its template says it, and nothing else."""

from uuid import UUID

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.resources import reading
from taskapi.core.resources.document import Document
from taskapi.projects import service as projects
from taskapi.projects.templates.queries import TASK_TEMPLATE
from taskapi.tasks import service as tasks
from taskapi.tasks.applying.schemas import TemplateApplication
from taskapi.tasks.schemas import TaskCreate
from taskapi.tasks.templates.service import due


async def apply_template(
    session: DbSession, caller: Caller, project: str, template_id: UUID, data: TemplateApplication
) -> Document:
    """Nobody is asked for the custom fields that a task must have: there is nowhere to say them."""
    row = await projects.load(session, caller, project, Permission.TASK_WRITE)
    template = (await reading.find(session, TASK_TEMPLATE, projects.place(row), template_id)).fields()
    wanted = {"id": data.id, "template_id": template_id, "due_on": due(template, caller, data.on)}
    given = {name: str(value) for name, value in wanted.items() if value is not None}
    return await tasks.create_task(session, caller, str(row["id"]), TaskCreate.model_validate(given), fills_in=False)
