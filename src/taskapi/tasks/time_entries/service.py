"""Time entries and timers: one's own for whoever writes tasks, those of others for admins of the project to change."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pydantic_core

from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.core.lists.paging import MAX_COUNTED, Slice
from taskapi.core.resources import reading, writing
from taskapi.core.resources.document import Document, Fields, changes_of
from taskapi.core.resources.records import Place
from taskapi.core.resources.writing import Values
from taskapi.projects import service as projects
from taskapi.tasks import service as tasks
from taskapi.tasks.errors import TooMuchToMerge
from taskapi.tasks.queries import TaskRow
from taskapi.tasks.time_entries import errors
from taskapi.tasks.time_entries.errors import LONGEST, NoTimerRunning, TimerRunning
from taskapi.tasks.time_entries.queries import RUNNING_IN_PROJECT, TIME_ENTRY, TimerRow, running
from taskapi.tasks.time_entries.schemas import TimeEntryCreate, TimeEntryFilter, TimeEntryUpdate

_NOTHING: Final = timedelta()


async def list_time_entries(session: DbSession, caller: Caller, task: str, params: TimeEntryFilter) -> Slice:
    return await reading.page(session, TIME_ENTRY, await _seen(session, caller, task), params, params.sort)


async def get_time_entry(session: DbSession, caller: Caller, task: str, entry_id: UUID) -> Document:
    return await reading.find(session, TIME_ENTRY, await _seen(session, caller, task), entry_id)


async def create_time_entry(session: DbSession, caller: Caller, task: str, data: TimeEntryCreate) -> Document:
    row = await _load(session, caller, task)
    projects.require_not_archived(row)
    ended_at = data.ended_at or data.started_at + timedelta(seconds=data.seconds or 0)
    _require_length(data.started_at, ended_at)
    values = {"id": data.id or new_id(), "started_at": data.started_at, "ended_at": ended_at, "note": data.note}
    return await _add(session, caller, row, values)


async def update_time_entry(
    session: DbSession, caller: Caller, task: str, entry_id: UUID, data: TimeEntryUpdate, if_match: str | None
) -> Document:
    row = await _load(session, caller, task)
    place = _place(row)
    before = await reading.hold(session, TIME_ENTRY, place, entry_id, if_match)
    _require_own(row, caller, before)
    projects.require_not_archived(row)
    return await writing.change(session, caller, TIME_ENTRY, place, before, _changes(before.fields(), data))


async def delete_time_entry(
    session: DbSession, caller: Caller, task: str, entry_id: UUID, if_match: str | None
) -> None:
    row = await _load(session, caller, task)
    place = _place(row)
    entry = await reading.hold(session, TIME_ENTRY, place, entry_id, if_match)
    _require_own(row, caller, entry)
    projects.require_not_archived(row)
    await writing.remove(session, caller, TIME_ENTRY, place, entry)


async def start_timer(session: DbSession, caller: Caller, task: str) -> Document:
    """From now on; who has a timer stops it first, for nobody knows how long it should have run."""
    row = await _load(session, caller, task)
    projects.require_not_archived(row)
    if other := await _running(session, caller):
        raise TimerRunning(
            f"It runs on {other['task_key']}; stop it first: POST /users/me/timer/stop",
            running=pydantic_core.from_json(other["body"]),
        )
    return await _add(session, caller, row, {"id": new_id(), "started_at": utc_now(), "ended_at": None, "note": None})


async def stop_timer(session: DbSession, caller: Caller, task: str) -> Document:
    """Also where the project is archived: nothing runs on that nobody can stop."""
    row = await _load(session, caller, task)
    found = await _running(session, caller, lock=True)
    if found is None or found["task_id"] != row["id"]:
        raise NoTimerRunning("Your timer is not running on this task")
    return await _stop(session, caller, found)


async def get_timer(session: DbSession, caller: Caller) -> str:
    """The entry that runs, or null, as JSON."""
    found = await _running(session, caller)
    return "null" if found is None else found["body"]


async def stop_own_timer(session: DbSession, caller: Caller) -> Document:
    """Wherever it runs: in the trash, too, and where its owner may write no more."""
    found = await _running(session, caller, lock=True)
    if found is None:
        raise NoTimerRunning("You have no timer that is running")
    return await _stop(session, caller, found)


async def stop_of_member(session: DbSession, caller: Caller, project: Place, user_id: UUID) -> None:
    """Whoever leaves the project works there no more."""
    found = await session.fetch_row(RUNNING_IN_PROJECT, of_user=user_id, of_project=project.id)
    if found is not None:
        await _stop(session, caller, found)


async def go_along(session: DbSession, caller: Caller, merged: Place, into: Place) -> None:
    """The time worked on a task that is merged into another was worked on that one; timers run on there."""
    if await session.only_value(TIME_ENTRY.count, of_place=merged.id) > MAX_COUNTED:
        raise TooMuchToMerge(f"It has more than {MAX_COUNTED} time entries")
    await writing.move_all(session, caller, TIME_ENTRY, merged, into)


async def _seen(session: DbSession, caller: Caller, task: str) -> Place:
    fields = (await tasks.get_task(session, caller, task)).fields()
    return Place(UUID(fields["id"]), UUID(fields["project_id"]), fields["key"])


async def _load(session: DbSession, caller: Caller, task: str) -> TaskRow:
    return await tasks.load(session, caller, task, Permission.TASK_WRITE)


def _place(row: TaskRow) -> Place:
    return Place(row["id"], row["project_id"], Document.of(row).fields()["key"])


async def _add(session: DbSession, caller: Caller, row: TaskRow, values: Values) -> Document:
    own = {**values, "user_id": caller.id, "created_at": utc_now()}
    return await writing.add(session, caller, TIME_ENTRY, _place(row), own)


async def _running(session: DbSession, caller: Caller, *, lock: bool = False) -> TimerRow | None:
    statement = running(Reach.of(caller), lock=lock)
    values = {**statement.taken_from(reach.values(caller)), "of_user": caller.id}
    found = await session.fetch_row(statement, **values)
    if found is None and lock:
        # It may have gone along to another task while this waited for it: asked once more, it is found there.
        found = await session.fetch_row(statement, **values)
    return found


async def _stop(session: DbSession, caller: Caller, found: TimerRow) -> Document:
    """Now; or as late as an entry can end, when it was forgotten."""
    before = Document.of(found)
    started_at = datetime.fromisoformat(before.fields()["started_at"])
    ended_at = min(max(utc_now(), started_at), started_at + LONGEST)
    place = Place(found["task_id"], found["project_id"], found["task_key"])
    return await writing.change(session, caller, TIME_ENTRY, place, before, {"ended_at": ended_at})


def _require_own(row: TaskRow, caller: Caller, entry: Document) -> None:
    if entry.fields()["user_id"] != str(caller.id):
        require(row["role"], Permission.TIME_ENTRY_MANAGE)


def _changes(before: Fields, data: TimeEntryUpdate) -> Values:
    """Judged on what results; only where the patch has to do with time."""
    given = data.model_fields_set
    if not given & {"started_at", "ended_at", "seconds"}:
        return changes_of(before, data)
    started_at = data.started_at if "started_at" in given else datetime.fromisoformat(before["started_at"])
    ended_at = datetime.fromisoformat(before["ended_at"]) if before["ended_at"] else None
    if "seconds" in given:
        ended_at = started_at + timedelta(seconds=data.seconds)
    elif "ended_at" in given:
        ended_at = data.ended_at
    _require_length(started_at, ended_at or max(utc_now(), started_at))
    wanted: dict[str, Any] = {name: getattr(data, name) for name in given - {"seconds"}}
    if ended_at is not None:
        wanted["ended_at"] = ended_at
    return changes_of(before, TimeEntryUpdate.model_construct(**wanted))


def _require_length(started_at: datetime, ended_at: datetime) -> None:
    if ended_at - started_at < _NOTHING:
        raise errors.ends_before_start()
    if ended_at - started_at > LONGEST:
        raise errors.too_long()
