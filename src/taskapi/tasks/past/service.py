"""A task as it was at a moment, for those who may read it now and were, or are by now, in the project it was in."""

from datetime import datetime
from typing import Final
from uuid import UUID

import pydantic_core

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.core.change_log.states import nothing_known, state_at
from taskapi.core.db.session import DbSession
from taskapi.core.errors import NotFound
from taskapi.projects import service as projects
from taskapi.tasks import service as tasks
from taskapi.tasks.schemas import TaskRead

# What was told in the project that a task left is told again, as a move, in the one it came to.
_KINDS: Final = [kind.value for kind in ChangeKind if kind.family == "task" and kind is not ChangeKind.TASK_LEFT]
# Tasks were made before these fields were, and had nothing in them.
_SHAPE: Final[dict[str, object]] = {**dict.fromkeys(TaskRead.model_fields), "label_ids": [], "fields": {}}


async def get_task_at(session: DbSession, caller: Caller, task: str, at: datetime) -> str:
    """As JSON, in the same form as it is read now."""
    place = await tasks.find(session, caller, task, Permission.TASK_READ)
    fields = await state_at(session, place["id"], _KINDS, at, _SHAPE)
    if fields is None:
        raise await nothing_known(session, place["id"], ChangeKind.TASK_CREATED)
    if fields["project_id"] != str(place["project_id"]):
        await _require_reader(session, caller, UUID(fields["project_id"]))
    return pydantic_core.to_json(fields).decode()


async def _require_reader(session: DbSession, caller: Caller, project_id: UUID) -> None:
    try:
        await projects.load(session, caller, str(project_id), Permission.TASK_READ, trashed=None)
    except NotFound:
        raise NotFound("The task was in a project then that you are not in") from None
