"""Complete, reopen and move."""

from typing import Any
from uuid import UUID

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Row
from taskapi.core.errors import Invalid
from taskapi.core.resources.document import Document, require_match
from taskapi.models import StatusCategory
from taskapi.projects import service as projects
from taskapi.tasks import errors, events, queries, ranking
from taskapi.tasks import service as tasks
from taskapi.tasks.schemas import TaskMove

# Where a reopened task goes: to what comes first in work again.
_REOPENED = (StatusCategory.UNSTARTED, StatusCategory.BACKLOG, StatusCategory.STARTED)


async def complete_task(session: DbSession, caller: Caller, task: str, if_match: str | None = None) -> Document:
    """Into the project's first done status; a task that is done stays as it is."""
    row = await _load(session, caller, task, if_match)
    fields = Document.of(row).fields()
    if fields["status_category"] == StatusCategory.DONE:
        return Document.of(row)
    status = await _first_status(session, row["project_id"], (StatusCategory.DONE,))
    return await tasks.change(session, caller, row, tasks.entering(*status, fields))


async def reopen_task(session: DbSession, caller: Caller, task: str, if_match: str | None = None) -> Document:
    """Out of done or cancelled; an open task stays as it is."""
    row = await _load(session, caller, task, if_match)
    fields = Document.of(row).fields()
    if fields["status_category"] not in tasks.CLOSED:
        return Document.of(row)
    status = await _first_status(session, row["project_id"], _REOPENED)
    return await tasks.change(session, caller, row, tasks.entering(*status, fields))


async def move_task(
    session: DbSession, caller: Caller, task: str, data: TaskMove, if_match: str | None = None
) -> Document:
    """Status, place in the order and project in one step; needs the right to write in both projects."""
    row = await _load(session, caller, task, if_match, enters=data.status)
    fields = Document.of(row).fields()
    target = await _other_project(session, caller, row, data.project)
    if target is None:
        changes = _into_status(row, fields, data.status)
        project_id, project_key = row["project_id"], row["project_key"]
    else:
        changes = await _into_project(session, target, fields, data.status)
        project_id, project_key = target["id"], target["key"]
        await tasks.leave_children(session, caller, row)
        await publish(session, caller, events.task_left(fields))
    if data.before is not None or data.after is not None:
        changes["rank"] = await _rank(session, project_id, row["id"], data)
    return await tasks.change(session, caller, row, changes, project_key=project_key)


async def _load(
    session: DbSession, caller: Caller, task: str, if_match: str | None, *, enters: str | None = None
) -> Row:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE, enters=enters)
    require_match(if_match, Document.of(row))
    projects.require_not_archived(row)
    return row


async def _first_status(
    session: DbSession, project_id: UUID, categories: tuple[StatusCategory, ...]
) -> tuple[str, str]:
    found = await session.fetch_row(
        queries.FIRST_STATUS, project_id=project_id, categories=[str(category) for category in categories]
    )
    if found is None:
        raise errors.NoSuchStatus(f"Add a status of the category {categories[0]} first")
    return found["key"], found["category"]


def _into_status(row: Row, fields: dict[str, Any], status: str | None) -> dict[str, Any]:
    if status is None or status == fields["status"]:
        return {}
    if row["enters_category"] is None:
        raise errors.unknown_status()
    return tasks.entering(status, row["enters_category"], fields)


async def _other_project(session: DbSession, caller: Caller, row: Row, project: str | None) -> Row | None:
    """The project to move to, or None where the task is in it already."""
    if project is None:
        return None
    target = await projects.load(session, caller, project, Permission.TASK_WRITE)
    projects.require_not_archived(target)
    return None if target["id"] == row["project_id"] else target


async def _into_project(session: DbSession, target: Row, fields: dict[str, Any], status: str | None) -> dict[str, Any]:
    """A new number at the end of the order; who is no member there is no assignee there; the parent stays behind."""
    found = await session.fetch_row(queries.STATUS, project_id=target["id"], status=status or fields["status"])
    if found is None and status is not None:
        raise errors.unknown_status()
    key, category = found or await _first_status(session, target["id"], _REOPENED)
    user_ids = [UUID(user_id) for user_id in fields["assignee_ids"]]
    members = await session.fetch_rows(queries.MEMBERS_AMONG, project_id=target["id"], user_ids=user_ids)
    staying = {member["user_id"] for member in members}
    number = await session.only_value(queries.NEXT_NUMBER, project_id=target["id"])
    return {
        **tasks.entering(key, category, fields),
        "project_id": target["id"],
        "number": number,
        "rank": ranking.of_number(number),
        "assignee_ids": [user_id for user_id in user_ids if user_id in staying],
        "parent_id": None,
    }


async def _rank(session: DbSession, project_id: UUID, task_id: UUID, data: TaskMove) -> str:
    """A rank between the neighbours that were named, or between the one named and the next."""
    last_number: int = await session.only_value(queries.LOCK_ORDER, project_id=project_id)
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
    rank: str | None = await session.fetch_value(statement, **here, **values)
    if rank is None:
        raise errors.unknown_neighbour(pointer)
    return rank
