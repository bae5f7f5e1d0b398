"""Reminders: set, listed and taken back by whom they are for. Nobody else sees them, administrators included."""

from typing import Final
from uuid import UUID

import asyncpg
import pydantic_core

from taskapi.auth import queries as accounts
from taskapi.core.access.permissions import Permission
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import IdTaken, NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.resources.document import Document, Fields, Versioned, require_match
from taskapi.core.resources.records import Place
from taskapi.projects import service as projects
from taskapi.tasks import service as tasks
from taskapi.tasks.reminders import events, queries
from taskapi.tasks.reminders.errors import TooManyReminders
from taskapi.tasks.reminders.schemas import ReminderCreate

MOST: Final = 20


async def list_reminders(session: DbSession, caller: Caller, task: str, params: PageParams) -> Slice:
    of_task = UUID((await tasks.get_task(session, caller, task)).fields()["id"])
    return await paging.fetch_in_order(session, params, queries.page, queries.COUNT, of_task=of_task, of_user=caller.id)


async def get_reminder(session: DbSession, caller: Caller, task: str, reminder_id: UUID) -> Document:
    of_task = UUID((await tasks.get_task(session, caller, task)).fields()["id"])
    return _found(await session.fetch_row(queries.FIND, of_task=of_task, of_user=caller.id, of_id=reminder_id))


async def create_reminder(session: DbSession, caller: Caller, task: str, data: ReminderCreate) -> Document:
    if data.minutes_before is not None:
        # A trigger reads the time zone: who changes it at the same time waits, and then finds this reminder.
        await session.fetch_value(accounts.HOLD, of_user=caller.id)
    # The task is locked for the same reason, and so that two at once do not pass the bound together.
    row = await tasks.load(session, caller, task, Permission.TASK_READ)
    projects.require_not_archived(row)
    if await session.only_value(queries.COUNT, of_task=row["id"], of_user=caller.id) >= MOST:
        raise TooManyReminders(f"You have {MOST} of this task; delete one first")
    reminder = await _add(session, row["id"], caller.id, data)
    key = Document.of(row).fields()["key"]
    await publish(session, caller, events.reminder_created(reminder.fields(), row["project_id"], key))
    return reminder


async def delete_reminder(
    session: DbSession, caller: Caller, task: str, reminder_id: UUID, if_match: str | None
) -> None:
    row = await tasks.load(session, caller, task, Permission.TASK_READ)
    this = {"of_task": row["id"], "of_user": caller.id, "of_id": reminder_id}
    reminder = _found(await session.fetch_row(queries.LOCK, **this))
    require_match(if_match, reminder)
    projects.require_not_archived(row)
    await session.run(queries.REMOVE, **this)
    key = Document.of(row).fields()["key"]
    await publish(session, caller, events.reminder_deleted(reminder.fields(), row["project_id"], key))


async def forget(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """Nobody is reminded of what they cannot see any more."""
    rows = await session.fetch_rows(queries.REMOVE_OF_MEMBER, of_project=project.id, of_user=user_id)
    gone: list[tuple[Fields, str]] = [(pydantic_core.from_json(row["body"]), row["task_key"]) for row in rows]
    await publish(session, caller, *(events.reminder_deleted(fields, project.id, key) for fields, key in gone))


async def go_along(session: DbSession, caller: Caller, merged: Place, into: Place) -> None:
    """Whoever wanted to be reminded of a task that is merged into another is reminded of that one, if they see it."""
    found = {"of_task": merged.id, "to_task": into.id, "to_project": into.project_id}
    moved = await session.fetch_values(queries.MOVE, **found)
    changes = {"task_id": (str(merged.id), str(into.id))}
    told_in = {where.project_id: where.key for where in (merged, into)}
    facts = (events.reminder_moved(of_id, changes, *where) for of_id in moved for where in told_in.items())
    await publish(session, caller, *facts)


async def pass_on(session: DbSession, caller: Caller, last: Document, following: Document) -> None:
    """The next occurrence of a task reminds as the last did, before it is due."""
    done, fields = last.fields(), following.fields()
    task_id, project_id = UUID(fields["id"]), UUID(fields["project_id"])
    rows = await session.fetch_rows(queries.BEFORE_DUE, of_task=UUID(done["id"]), of_project=project_id)
    made = [
        await _add(session, task_id, row["user_id"], ReminderCreate(minutes_before=row["minutes_before"]))
        for row in rows
    ]
    facts = (events.reminder_created(reminder.fields(), project_id, fields["key"]) for reminder in made)
    await publish(session, caller, *facts)


async def _add(session: DbSession, task_id: UUID, user_id: UUID, data: ReminderCreate) -> Document:
    values = {"at": data.at, "minutes_before": data.minutes_before, "created_at": utc_now()}
    try:
        row = await session.only_row(queries.CREATE, id=data.id or new_id(), task_id=task_id, user_id=user_id, **values)
    except asyncpg.UniqueViolationError:
        raise IdTaken("Leave the id out, or make a new one") from None
    return _document(row)


def _found(row: Versioned | None) -> Document:
    if row is None:
        raise NotFound("You have no such reminder of this task")
    return _document(row)


def _document(row: Versioned) -> Document:
    """`remind_at` changes without a new version, as the task does."""
    return Document.of(row, pure=False)
