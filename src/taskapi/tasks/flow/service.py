"""Complete, reopen and move."""

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.tasks import changing, errors
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import CLOSED, FIRST_IN_WORK, Changes
from taskapi.tasks.order import service as order
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.schemas import TaskMove
from taskapi.tasks.transfer import service as transfer
from taskapi.tasks.transfer.service import Target
from taskapi.tasks.wip import service as wip


async def complete_task(session: DbSession, caller: Caller, task: str, if_match: str | None = None) -> Document:
    """Into the project's first done status; a task that is done stays as it is."""
    row = await _load(session, caller, task, if_match)
    document = Document.of(row)
    if document.fields()["status_category"] == StatusCategory.DONE:
        return document
    return await _enter_first(session, caller, row, document, (StatusCategory.DONE,))


async def reopen_task(session: DbSession, caller: Caller, task: str, if_match: str | None = None) -> Document:
    """Out of done or cancelled; an open task stays as it is."""
    row = await _load(session, caller, task, if_match)
    document = Document.of(row)
    if document.fields()["status_category"] not in CLOSED:
        return document
    return await _enter_first(session, caller, row, document, FIRST_IN_WORK)


async def move_task(
    session: DbSession, caller: Caller, task: str, data: TaskMove, if_match: str | None = None
) -> Document:
    """Status, place in the order and project in one step; needs the right to write in both projects."""
    if data.project is not None:
        home = await tasks.find(session, caller, task, Permission.TASK_WRITE)
        target: Target = await projects.load(session, caller, data.project, Permission.TASK_WRITE)
        if target["id"] != home["project_id"]:
            return await transfer.move(session, caller, task, home["project_id"], target, data, if_match)
    is_placed = data.before is not None or data.after is not None
    row = await _load(session, caller, task, if_match, enters=data.status, in_queue=is_placed)
    before = Document.of(row)
    changes = _into_status(row, before.fields(), data.status)
    if changes:
        await wip.require_room(session, row["project_id"], str(data.status), row["enters_limit"])
    if is_placed:
        changes["rank"] = await order.rank_for(session, caller, row["project_id"], row["project_key"], row["id"], data)
    return await tasks.change(session, caller, row, changes, before=before)


async def _load(
    session: DbSession,
    caller: Caller,
    task: str,
    if_match: str | None,
    *,
    enters: str | None = None,
    in_queue: bool = False,
) -> TaskRow:
    loading = tasks.load_in_queue if in_queue else tasks.load
    row = await loading(session, caller, task, Permission.TASK_WRITE, enters=enters)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    return row


async def _enter_first(
    session: DbSession, caller: Caller, row: TaskRow, before: Document, categories: tuple[StatusCategory, ...]
) -> Document:
    status = await tasks.first_status(session, row["project_id"], categories)
    await wip.require_room(session, row["project_id"], status["key"], status["wip_limit"])
    changes = changing.entering(before.fields(), status["key"], status["category"], utc_now())
    return await tasks.change(session, caller, row, changes, before=before)


def _into_status(row: TaskRow, fields: Fields, status: str | None) -> Changes:
    if status is None or status == fields["status"]:
        return {}
    if row["enters_category"] is None:
        raise errors.unknown_status()
    return changing.entering(fields, status, row["enters_category"], utc_now())
