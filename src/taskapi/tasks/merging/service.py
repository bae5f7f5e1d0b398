"""A task goes into the one that it duplicates: what hangs on it moves there, a link stays, and it is cancelled."""

from typing import Final

from taskapi.core.access.permissions import Permission, require
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.http import references
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.core.resources.records import Place
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.tasks import changing
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import Changes
from taskapi.tasks.errors import NoSuchStatus
from taskapi.tasks.links import service as links
from taskapi.tasks.merging import errors
from taskapi.tasks.merging.schemas import TaskMerge
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.wip import service as wip

# The merged task and the one that stays, both locked: for whoever keeps something that hangs on tasks.
ON_MERGING: Final[Hook[[DbSession, Caller, Place, Place]]] = Hook("a task is merged into another")


async def merge_task(session: DbSession, caller: Caller, task: str, data: TaskMerge, if_match: str | None) -> Document:
    """The one that stays, which is as it was."""
    row, target = await _load(session, caller, task, data.into)
    before, original = Document.of(row), Document.of(target)
    require_match(if_match, before)
    projects.require_not_archived(row)
    projects.require_not_archived(target)
    await _require_no_duplicate(session, target, original.fields())
    changes = await _cancelled(session, row, before.fields())
    merged, into = _place(row, before.fields()), _place(target, original.fields())
    await ON_MERGING(session, caller, merged, into)
    await links.keep_duplicate(session, caller, merged, into)
    await tasks.change(session, caller, row, changes, before=before)
    return original


async def _load(session: DbSession, caller: Caller, task: str, into: str) -> tuple[TaskRow, TaskRow]:
    """Both, locked in the order of their ids, so that who merges them the other way round waits."""
    here = await tasks.find(session, caller, task, Permission.TASK_WRITE)
    there = await tasks.find(session, caller, into, Permission.TASK_WRITE)
    if here["id"] == there["id"]:
        raise errors.itself()
    found = await tasks.load_all(session, caller, (here["id"], there["id"]), Permission.TASK_WRITE)
    rows = {row["id"]: row for row in found}
    if len(rows) < 2:  # noqa: PLR2004
        raise references.no_task()
    for row in found:
        require(row["role"], Permission.TASK_WRITE)
    return rows[here["id"]], rows[there["id"]]


async def _require_no_duplicate(session: DbSession, target: TaskRow, fields: Fields) -> None:
    """Nobody looks for what was said in a task that was merged itself; and of two who merge each other, one does."""
    is_cancelled = fields["status_category"] == StatusCategory.CANCELLED
    if is_cancelled and await links.is_duplicate(session, target["id"]):
        raise errors.IsDuplicateItself("Merge into the task that it duplicates, or reopen it first")


async def _cancelled(session: DbSession, row: TaskRow, fields: Fields) -> Changes:
    """And its series ends: what comes again is the other task, or nothing."""
    ended: Changes = {} if fields["recurrence"] is None else {"recurrence": None}
    if fields["status_category"] == StatusCategory.CANCELLED:
        return ended
    try:
        status = await tasks.first_status(session, row["project_id"], (StatusCategory.CANCELLED,))
    except NoSuchStatus as error:
        raise errors.NoCancelledStatus(error.detail) from None
    await wip.require_room(session, row["project_id"], status["key"], status["wip_limit"])
    return {**changing.entering(fields, status["key"], status["category"], utc_now()), **ended}


def _place(row: TaskRow, fields: Fields) -> Place:
    return Place(row["id"], row["project_id"], fields["key"])
