"""Reactions, choices to watch and reminders, of those who are members here: nobody else has a choice to be kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic_core import from_json, to_json

from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish, publish_past
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.ids import new_id
from taskapi.imports.children.service import Furnished, comment_id, reminder_id
from taskapi.imports.choices import queries
from taskapi.imports.known import Known
from taskapi.imports.records import ImportedReminder, ImportedTask, Problem
from taskapi.tasks.comments import events as comment_events
from taskapi.tasks.reminders import events as reminder_events
from taskapi.tasks.reminders.service import MOST
from taskapi.tasks.watchers import events as watcher_events


async def keep(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> list[Problem]:
    """When the comments are there."""
    await _react(session, caller, furnished, known)
    await _watch(session, caller, furnished, known)
    return await _remind(session, caller, furnished, known)


async def _react(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> None:
    places, wanted = {}, []
    for one in furnished:
        for comment in one.record.comments:
            if comment.external_id is None:
                continue
            of_comment = comment_id(one.task.id, comment.external_id)
            for reaction in comment.reactions:
                if (person := known.person(reaction.person)) is not None:
                    places[of_comment] = one.task
                    new = {"id": new_id(), "comment_id": of_comment, "emoji": reaction.emoji, "user_id": person}
                    wanted.append(new)
    if not wanted:
        return
    rows = await session.fetch_rows(queries.REACT, rows=to_json(wanted).decode(), now=utc_now())
    told = [(comment_events.reaction_added(places[row["comment_id"]], row), None, row["user_id"]) for row in rows]
    await publish_past(session, caller, told)


async def _watch(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> None:
    places = {one.task.id: one.task for one in furnished}
    wanted = [
        {"id": new_id(), "task_id": one.task.id, "user_id": user_id, "watching": watching}
        for one in furnished
        for person, watching in one.record.watchers
        if (user_id := known.person(person)) is not None
    ]
    if not wanted:
        return
    rows = await session.fetch_rows(queries.WATCH, rows=to_json(wanted).decode())
    told = [(watcher_events.chose(places[row["task_id"]], row), None, row["user_id"]) for row in rows]
    await publish_past(session, caller, told)


async def _remind(session: DbSession, caller: Caller, furnished: Sequence[Furnished], known: Known) -> list[Problem]:
    """Reminders are everybody's own, so that nobody brings any for somebody else. Those that are over stay away."""
    now, problems = utc_now(), []
    wanted = []
    for one in furnished:
        mine = [reminder for reminder in one.record.reminders if _is_own(reminder, caller, known)]
        if len(mine) < len(one.record.reminders):
            detail = "Reminders of somebody else were left out: each person sets their own"
            problems.append(Problem(one.record.line, "reminders", "reminder_of_another", detail, is_lost=False))
        for reminder in [each for each in mine if _is_to_come(one.record, each, now)][:MOST]:
            of_id = reminder_id(one.task.id, caller.id, repr((reminder.at, reminder.minutes_before)))
            new = {"id": of_id, "task_id": one.task.id, "at": reminder.at, "minutes_before": reminder.minutes_before}
            wanted.append(new)
    if wanted:
        given = {"rows": to_json(wanted).decode(), "of_user": caller.id, "most": MOST, "now": now}
        rows = [from_json(body) for body in await session.fetch_values(queries.REMIND, **given)]
        places = {str(one.task.id): one.task for one in furnished}
        facts = [
            reminder_events.reminder_created(row, place.project_id, place.key)
            for row in rows
            if (place := places[row["task_id"]]).project_id is not None and place.key is not None
        ]
        await publish(session, caller, *facts)
    return problems


def _is_own(reminder: ImportedReminder, caller: Caller, known: Known) -> bool:
    return reminder.person is None or known.person(reminder.person) == caller.id


def _is_to_come(record: ImportedTask, reminder: ImportedReminder, now: datetime) -> bool:
    """Whoever brings in ten years of tasks is not told of all that was due then."""
    if reminder.at is not None:
        return reminder.at > now
    before = timedelta(minutes=reminder.minutes_before or 0)
    if record.due_at is not None:
        return record.due_at - before > now
    return record.due_on is not None and record.due_on - before >= now.date()
