"""Tasks: the fields that a change touched get their earlier values by the rules of a PATCH, and the trash opens again.

What a PATCH does not take, but a task had (its rank, when it was completed, the rule by which it comes again), is
written as it was.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.changes.reverting import queries
from taskapi.changes.reverting.change import Change
from taskapi.changes.reverting.errors import NotRevertible, UnlikeThen
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document
from taskapi.projects import service as projects
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import Changes
from taskapi.tasks.order import service as order
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.schemas import TaskUpdate
from taskapi.tasks.trash import service as trash

# Others may have moved past it since, which is no change of it.
_OF_OTHERS: Final = frozenset({"rank"})


async def change_back(session: DbSession, caller: Caller, change: Change) -> None:
    if "project_id" in change.changes:
        raise NotRevertible("It went to another project, where it has a new number: move it back")
    # A batch holds the queues of all its projects.
    loading = tasks.load if change.together else tasks.load_in_queue
    row = await loading(
        session, caller, str(change.subject_id), Permission.TASK_WRITE, enters=change.before.get("status")
    )
    now = Document.of(row)
    projects.require_not_archived(row)
    change.require_as_left(now.fields())
    await _require_no_successor(session, change)
    patch = TaskUpdate.model_validate(change.wanted(TaskUpdate.model_fields))
    # Whom its description named then, though they may be called otherwise now.
    mentioned = [UUID(user_id) for user_id in change.before.get("mentions", now.fields()["mentions"])]
    changes = await tasks.patched(session, row, now, patch, utc_now(), mentioned)
    await tasks.change(session, caller, row, {**changes, **await _exact(session, caller, change, row)}, before=now)


async def throw_away(session: DbSession, caller: Caller, change: Change) -> None:
    """What was made, or brought back: into the trash, with all that hangs below it."""
    row = await tasks.load_in_queue(session, caller, str(change.subject_id), Permission.TASK_WRITE, trashed=None)
    now = Document.of(row).fields()
    if change.together and now["deleted_at"] is not None:
        return  # it went with the task above it, which was made in the same step
    change.require_as_left(now, but=_OF_OTHERS)
    await trash.delete_task(session, caller, str(change.subject_id), None)


async def bring_back(session: DbSession, caller: Caller, change: Change) -> None:
    """With those that went there with it, whenever that was: it may have come back and gone again since."""
    row = await tasks.load_in_queue(session, caller, str(change.subject_id), Permission.TASK_WRITE, trashed=None)
    if Document.of(row).fields()["deleted_at"] is None:
        raise UnlikeThen("deleted_at")
    await trash.restore_task(session, caller, str(change.subject_id), None)


async def _require_no_successor(session: DbSession, change: Change) -> None:
    """The rule of a series is with one task of it; in a batch, the next one goes, too."""
    passed_on = change.changes.get("recurrence", (None, None))
    if change.together or change.changes.get("completed_at") is None or passed_on[0] is None:
        return
    if change.batch_id is None:
        return
    within = queries.around(change.batch_id)
    if await session.fetch_value(queries.SUCCESSOR, batch_id=change.batch_id, **within) is not None:
        raise NotRevertible("When it was done, it came again: revert the whole batch, or delete the next one first")


async def _exact(session: DbSession, caller: Caller, change: Change, row: TaskRow) -> Changes:
    changes: Changes = {}
    before = change.before
    if "completed_at" in before:
        completed_at = before["completed_at"]
        changes["completed_at"] = None if completed_at is None else datetime.fromisoformat(completed_at)
    if "recurrence" in before:
        recurrence = before["recurrence"]
        changes["recurrence"] = None if recurrence is None else to_json(recurrence).decode()
    if "rank" in before:
        changes["rank"] = await order.rank_again(
            session, caller, row["project_id"], row["project_key"], row["id"], before["rank"]
        )
    return changes
