"""A task once more: what is to be done, by whom and by when, and not what was said and done about it."""

from datetime import date
from typing import Final
from uuid import UUID

from pydantic_core import from_json, to_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document, Fields
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.tasks import changing, queries
from taskapi.tasks import service as tasks
from taskapi.tasks.attachments import service as attachments
from taskapi.tasks.changing import CLOSED
from taskapi.tasks.checklist import service as checklist
from taskapi.tasks.duplication.schemas import TaskDuplication
from taskapi.tasks.marks import service as marks
from taskapi.tasks.schemas import Expand, TaskCreate

_DECIDED: Final = frozenset({"id", "status", "parent_id", "assignee_ids", "start_on"})


async def duplicate_task(session: DbSession, caller: Caller, task: str, data: TaskDuplication) -> Document:
    """For whoever reads the task and writes where the copy goes. It stands last there, is open, and comes only once."""
    source = (await tasks.get_task(session, caller, task, frozenset({Expand.PARENT}))).fields()
    there = await projects.load(session, caller, data.project or source["project_id"], Permission.TASK_WRITE)
    stays = str(there["id"]) == source["project_id"]
    wanted = {name: source[name] for name in TaskCreate.model_fields if name in source and name not in _DECIDED}
    if not stays:
        [there_too] = await marks.in_project(session, there["id"], [source])
        wanted |= from_json(to_json(there_too))
        [wanted["fields"]] = await tasks.carried_values(session, [source], there["id"])
    members = await tasks.members_among(session, there["id"], changing.assignees(source))
    wanted["assignee_ids"] = [str(user_id) for user_id in changing.assignees(source) if user_id in members]
    # A parent in the trash is not shown, and nothing new hangs below it.
    wanted["parent_id"] = source["parent"]["id"] if stays and source["parent"] else None
    wanted["status"] = await _status(session, there["id"], source)
    copy = await tasks.create_task(session, caller, str(there["id"]), _as_new(wanted, source), fills_in=False)
    to = Place(UUID(copy.fields()["id"]), there["id"], copy.fields()["key"])
    await checklist.copy_items(session, caller, UUID(source["id"]), to)
    await attachments.copy_to(session, caller, UUID(source["id"]), to)
    return copy


def _as_new(wanted: Fields, source: Fields) -> TaskCreate:
    """A task that begins after it is due, as tasks once could, is copied so: its dates are not judged again."""
    begins = source["start_on"]
    start_on = None if begins is None else date.fromisoformat(begins)
    return TaskCreate.model_validate(wanted).model_copy(update={"start_on": start_on})


async def _status(session: DbSession, project_id: UUID, source: Fields) -> str | None:
    """The one of the same name, where it is open; None: where new tasks start."""
    found = await session.fetch_row(queries.STATUSES, project_id=project_id, statuses=[source["status"]])
    return None if found is None or found["category"] in CLOSED else found["key"]
