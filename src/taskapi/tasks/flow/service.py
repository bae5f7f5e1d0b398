"""Complete, reopen and move."""

from typing import Final
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.projects.queries import Archivable
from taskapi.tasks import changing, errors, events, queries, ranking
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import CLOSED, Changes
from taskapi.tasks.marks import service as marks
from taskapi.tasks.queries import StatusRow, TaskRow
from taskapi.tasks.schemas import TaskMove
from taskapi.tasks.wip import service as wip

# Where a task starts that was closed, or comes from another project.
_FIRST_IN_WORK: Final = (StatusCategory.UNSTARTED, StatusCategory.BACKLOG, StatusCategory.STARTED)


class _Target(Archivable):
    """Another project, as it was loaded."""

    id: UUID
    key: str


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
    return await _enter_first(session, caller, row, document, _FIRST_IN_WORK)


async def move_task(
    session: DbSession, caller: Caller, task: str, data: TaskMove, if_match: str | None = None
) -> Document:
    """Status, place in the order and project in one step; needs the right to write in both projects."""
    row = await _load(session, caller, task, if_match, enters=data.status)
    before = Document.of(row)
    target = await _other_project(session, caller, row, data.project)
    if target is None:
        changes = _into_status(row, before.fields(), data.status)
        if changes:
            await wip.require_room(session, row["project_id"], str(data.status), row["enters_limit"])
        project_id, project_key = row["project_id"], row["project_key"]
    else:
        changes = await _into_project(session, target, before.fields(), data.status)
        project_id, project_key = target["id"], target["key"]
        await tasks.leave_children(session, caller, row)
        await publish(session, caller, events.task_left(before.fields()))
    if data.before is not None or data.after is not None:
        changes["rank"] = await _rank(session, project_id, row["id"], data)
    return await tasks.change(session, caller, row, changes, before=before, project_key=project_key)


async def _load(
    session: DbSession, caller: Caller, task: str, if_match: str | None, *, enters: str | None = None
) -> TaskRow:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE, enters=enters)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    return row


async def _enter_first(
    session: DbSession, caller: Caller, row: TaskRow, before: Document, categories: tuple[StatusCategory, ...]
) -> Document:
    status = await first_status(session, row["project_id"], categories)
    await wip.require_room(session, row["project_id"], status["key"], status["wip_limit"])
    changes = changing.entering(before.fields(), status["key"], status["category"], utc_now())
    return await tasks.change(session, caller, row, changes, before=before)


async def first_status(
    session: DbSession, project_id: UUID, categories: tuple[StatusCategory, ...] = _FIRST_IN_WORK
) -> StatusRow:
    """Of the first category that has one; where work begins unless others are named."""
    found = await session.fetch_row(
        queries.FIRST_STATUS, project_id=project_id, categories=[str(category) for category in categories]
    )
    if found is None:
        raise errors.NoSuchStatus(f"Add a status of the category {categories[0]} first")
    return found


def _into_status(row: TaskRow, fields: Fields, status: str | None) -> Changes:
    if status is None or status == fields["status"]:
        return {}
    if row["enters_category"] is None:
        raise errors.unknown_status()
    return changing.entering(fields, status, row["enters_category"], utc_now())


async def _other_project(session: DbSession, caller: Caller, row: TaskRow, project: str | None) -> _Target | None:
    """The project to move to, or None where the task is in it already."""
    if project is None:
        return None
    target: _Target = await projects.load(session, caller, project, Permission.TASK_WRITE)
    projects.require_not_archived(target)
    return None if target["id"] == row["project_id"] else target


async def _into_project(session: DbSession, target: _Target, fields: Fields, status: str | None) -> Changes:
    """Where the other project has no status of the task's own name, the task starts there in the first one in work."""
    entered = await session.fetch_row(queries.STATUS, project_id=target["id"], status=status or fields["status"])
    if entered is None:
        if status is not None:
            raise errors.unknown_status()
        entered = await first_status(session, target["id"])
    await wip.require_room(session, target["id"], entered["key"], entered["wip_limit"])
    members = await tasks.members_among(session, target["id"], changing.assignees(fields))
    marked = await marks.in_project(session, target["id"], fields)
    if fields["fields"]:
        carried = await tasks.carried_values(session, fields, target["id"])
        marked["fields"] = to_json(carried).decode()
    number = await session.only_value(queries.NEXT_NUMBER, project_id=target["id"])
    return {
        **changing.entering(fields, entered["key"], entered["category"], utc_now()),
        **changing.arriving(fields, target["id"], number, members),
        **marked,
    }


async def _rank(session: DbSession, project_id: UUID, task_id: UUID, data: TaskMove) -> str:
    """A rank between the neighbours that were named, or between the one named and the next."""
    last_number = await session.only_value(queries.LOCK_ORDER, project_id=project_id)
    here = {"project_id": project_id, "task_id": task_id}
    low = await _rank_of(session, here, data.after, "/after")
    high = await _rank_of(session, here, data.before, "/before")
    if low is not None and high is not None and low >= high:
        raise Invalid("There is no place there", ("/after", "wrong_order", "This task must come before the other"))
    if low is None:
        low = await session.fetch_value(queries.RANK_BELOW, rank=high, **here) or ""
    else:
        # The next one's, also where `before` names one further on: halfway there, somebody may stand already.
        # After the last it is short of the rank that the next new task will get.
        high = await session.fetch_value(queries.RANK_ABOVE, rank=low, **here) or ranking.of_number(last_number + 1)
    return ranking.between(low, high)


async def _rank_of(session: DbSession, here: dict[str, UUID], name: str | None, pointer: str) -> str | None:
    if name is None:
        return None
    reference = errors.parsed_neighbour(name, pointer)
    statement = queries.neighbour(reference.by)
    values = {f"of_{key}": value for key, value in queries.named(reference).items()}
    rank = await session.fetch_value(statement, **here, **values)
    if rank is None:
        raise errors.unknown_neighbour(pointer)
    return rank
