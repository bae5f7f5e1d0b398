"""Reminders of Todoist: before an item is due, or at an instant. Those at a place have no counterpart."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from taskapi.imports.objects import Object
from taskapi.imports.records import MOST_MINUTES, ImportedPerson, ImportedReminder, Reading
from taskapi.imports.todoist import dates


def read(
    item: Object,
    kept: Iterable[Mapping[str, Any]],
    person: Callable[[str | None], ImportedPerson | None],
    reading: Reading,
) -> Iterator[ImportedReminder]:
    for said in kept:
        reminder = Object(item.line, said, "reminders.", item.problems)
        if reminder.flag("is_deleted"):
            continue
        whose = person(reminder.id("notify_uid"))
        match reminder.text("type"):
            case "relative":
                minutes = reminder.number("minute_offset")
                if minutes is None:
                    minutes = reminder.number("mm_offset")
                if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
                    reminder.blame("minute_offset", f"must be from 0 to {MOST_MINUTES} minutes")
                elif minutes is not None:
                    yield ImportedReminder(whose, minutes_before=int(minutes))
            case "absolute":
                due = reminder.part("due")
                said_at = due.text("date") if due else None
                zone = dates.zone_of(due.text("timezone") if due else None, reading)
                when = dates.exact(said_at, zone) if said_at else None
                if when is not None and when.due_at is not None:
                    yield ImportedReminder(whose, at=when.due_at)
            case kind:
                reminder.blame("type", f"is “{(kind or '')[:40]}”, which is neither relative nor absolute")
