"""Recurrences: set, ended, skipped and previewed; and the next occurrence, made where the last is done.

The rule is with one task of a series, the newest: it passes on in the transaction that completes that one, so that each
occurrence has one successor, whoever completes it, however often and by whichever route.
"""

from typing import Final
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document, Fields, require_match
from taskapi.projects import service as projects
from taskapi.tasks import errors, events
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import CLOSED, FIRST_IN_WORK, Changes
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.recurrence import occurrences, queries
from taskapi.tasks.recurrence.errors import NotRecurring, RecurrenceEnded, never_occurs
from taskapi.tasks.recurrence.occurrences import Dates, Occurrence
from taskapi.tasks.recurrence.schemas import RecurrenceSet

# The occurrence that is done, and the next one: for whoever keeps something beside tasks that comes again with them.
ON_REPEATED: Final[Hook[[DbSession, Caller, Document, Document]]] = Hook("a task comes again")


async def set_recurrence(
    session: DbSession, caller: Caller, task: str, data: RecurrenceSet, if_match: str | None
) -> Document:
    """Let an open task come again; one without a due date gets the first day of the rule."""
    row, before = await _load(session, caller, task, if_match)
    fields = before.fields()
    if fields["status_category"] in CLOSED:
        raise errors.TaskClosed("Reopen it first: what comes again is an open task")
    recurrence, changes = _recurrence(fields, data, caller.timezone), {}
    if Dates.of(fields).due_on is None and Dates.of(fields).due_at is None:
        changes = _first_due(fields, recurrence)
    due = {name: str(value) for name, value in changes.items()}
    if occurrences.following(recurrence, Dates.of({**fields, **due}), utc_now()) is None:
        raise never_occurs()
    if recurrence != fields["recurrence"]:
        changes["recurrence"] = to_json(recurrence).decode()
    return await tasks.change(session, caller, row, changes, before=before)


async def end_recurrence(session: DbSession, caller: Caller, task: str, if_match: str | None) -> None:
    """It comes no more; for a task that does not come again, nothing changes."""
    row, before = await _load(session, caller, task, if_match)
    if before.fields()["recurrence"] is not None:
        await tasks.change(session, caller, row, {"recurrence": None}, before=before)


async def skip(session: DbSession, caller: Caller, task: str, if_match: str | None) -> Document:
    """Not this time: the task goes to the dates of its next occurrence."""
    row, before = await _load(session, caller, task, if_match)
    fields = before.fields()
    if fields["recurrence"] is None:
        raise NotRecurring("There is no occurrence to skip")
    if fields["status_category"] in CLOSED:
        raise errors.TaskClosed("Reopen it first: what comes again is an open task")
    found = occurrences.following(fields["recurrence"], Dates.of(fields), utc_now())
    if found is None:
        raise RecurrenceEnded("This is its last occurrence")
    return await tasks.change(session, caller, row, _columns(found, fields["recurrence"]), before=before)


async def preview(session: DbSession, caller: Caller, task: str, count: int) -> list[str]:
    """The next due dates; none for a task that does not come again."""
    fields = (await tasks.get_task(session, caller, task)).fields()
    if fields["recurrence"] is None:
        return []
    found = occurrences.upcoming(fields["recurrence"], Dates.of(fields), utc_now())
    return [occurrence.due for _, occurrence in zip(range(count), found, strict=False)]


async def repeat(session: DbSession, caller: Caller, before: Document, after: Document) -> None:
    """The next occurrence of a task that is done, in the project that it is in now; none where the rule has ended."""
    fields, recurrence = after.fields(), before.fields()["recurrence"]
    found = occurrences.following(recurrence, Dates.of(fields), utc_now(), done=True)
    if found is None:
        return
    project_id, now = UUID(fields["project_id"]), utc_now()
    status = await tasks.first_status(session, project_id, FIRST_IN_WORK)
    try:
        row = await session.only_row(
            queries.REPEAT,
            **_columns(found, recurrence),
            of_task=UUID(fields["id"]),
            of_project=project_id,
            project_key=fields["key"].partition("-")[0],
            id=new_id(),
            status=status["key"],
            status_category=status["category"],
            created_at=now,
            updated_at=now,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise tasks.again(error) from None
    made = Document.of(row)
    await publish(session, caller, events.task_created(made.fields()))
    await ON_REPEATED(session, caller, after, made)


async def _load(session: DbSession, caller: Caller, task: str, if_match: str | None) -> tuple[TaskRow, Document]:
    row = await tasks.load(session, caller, task, Permission.TASK_WRITE)
    document = Document.of(row)
    require_match(if_match, document)
    projects.require_not_archived(row)
    return row, document


def _recurrence(fields: Fields, data: RecurrenceSet, timezone: str) -> dict[str, object]:
    """As it is stored. With the same rule the series goes on: a day that is excluded is no new beginning."""
    last = fields["recurrence"]
    goes_on = last is not None and last["rule"] == data.rule
    recurrence = {
        "rule": data.rule,
        "mode": str(data.mode),
        "exdates": data.exdates,
        "timezone": timezone,
        "occurrence": last["occurrence"] if goes_on else 1,
        "time_of_day": last["time_of_day"] if goes_on else None,
    }
    return {**recurrence, "time_of_day": occurrences.time_of_day(recurrence, Dates.of(fields))}


def _first_due(fields: Fields, recurrence: Fields) -> Changes:
    day = occurrences.first_day(recurrence, Dates.of(fields).start_on, utc_now())
    if day is None:
        raise never_occurs()
    return {"due_on": day}


def _columns(found: Occurrence, recurrence: Fields) -> Changes:
    return {
        "start_on": found.dates.start_on,
        "due_on": found.dates.due_on,
        "due_at": found.dates.due_at,
        "recurrence": to_json(found.recurrence_after(recurrence)).decode(),
    }
