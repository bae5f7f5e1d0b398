"""Tasks as RFC 5545 writes them: to-dos or events, with their rules, alarms and time zones."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Component, Event, Todo, vRecur, vText

from taskapi.core.resources.document import Fields
from taskapi.models import Priority, StatusCategory
from taskapi.tasks.calendars import zones
from taskapi.tasks.calendars.kinds import EntryKind
from taskapi.tasks.filters.moments import start_of, zone_named
from taskapi.tasks.recurrence import rule as rules
from taskapi.tasks.recurrence.rule import Rule
from taskapi.tasks.schemas import RecurrenceMode

_PRODUCT: Final = "-//taskapi//EN"
_REFRESH: Final = timedelta(hours=1)
_LINE_END: Final = b"\r\n"
_END_OF_CALENDAR: Final = b"END:VCALENDAR" + _LINE_END
_STATUS: Final = {
    StatusCategory.BACKLOG: "NEEDS-ACTION",
    StatusCategory.UNSTARTED: "NEEDS-ACTION",
    StatusCategory.STARTED: "IN-PROCESS",
    StatusCategory.DONE: "COMPLETED",
    StatusCategory.CANCELLED: "CANCELLED",
}
# RFC 5545 §3.8.1.9: 1 is the highest, 5 the middle, 9 the lowest; what has none says nothing.
_PRIORITY: Final = {Priority.URGENT: 1, Priority.HIGH: 3, Priority.MEDIUM: 5, Priority.LOW: 9}


class Book:
    """One calendar, written part after part. `address` is where the service is reached; times are told in `zone`."""

    def __init__(self, name: str, zone: ZoneInfo, address: str) -> None:
        self._name, self._zone, self._address = name, zone, address
        self._told: set[str] = set()

    def head(self) -> bytes:
        whole = Calendar()
        whole.add("prodid", _PRODUCT)
        whole.add("version", "2.0")
        whole.add("calscale", "GREGORIAN")
        whole.add("method", "PUBLISH")
        # Said to be texts, which the library takes these two for no more than others it does not know.
        whole.add("name", vText(self._name))
        whole.add("x-wr-calname", vText(self._name))
        whole.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
        whole.add("x-published-ttl", "PT1H")
        return bytes(whole.to_ical()).removesuffix(_END_OF_CALENDAR) + self._new_zone(self._zone)

    def entries(self, tasks: Iterable[Fields], kind: EntryKind) -> bytes:
        """An event is no entry of a task that is never due. Time zones stand before what first refers to them."""
        parts: list[bytes] = []
        for task in tasks:
            local = zone_named(task["recurrence"]["timezone"]) if task["recurrence"] else self._zone
            entry = _entry(task, kind, local, self._address)
            if entry is not None:
                parts += (self._new_zone(local), entry.to_ical())
        return b"".join(parts)

    def end(self) -> bytes:
        return _END_OF_CALENDAR

    def _new_zone(self, zone: ZoneInfo) -> bytes:
        """What its times mean, once; UTC needs no telling."""
        if zone.key == "UTC" or zone.key in self._told:
            return b""
        self._told.add(zone.key)
        return zones.told(zone.key)


def _entry(task: Fields, kind: EntryKind, zone: ZoneInfo, address: str) -> Component | None:
    due = _due(task, zone)
    if kind is EntryKind.EVENT:
        if due is None:
            return None
        entry: Component = Event()
        _fill(entry, task, address)
        _place_event(entry, task, due)
    else:
        entry = Todo()
        _fill(entry, task, address)
        _place_todo(entry, task, due, zone)
    if due is not None:
        _recur(entry, task, due, zone)
    for reminder in task["reminders"]:
        if (alarm := _alarm(task, reminder, kind)) is not None:
            entry.add_component(alarm)
    return entry


def _fill(entry: Component, task: Fields, address: str) -> None:
    """What both kinds say of a task."""
    changed = datetime.fromisoformat(task["updated_at"])
    entry.add("uid", task["id"])
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("created", datetime.fromisoformat(task["created_at"]))
    entry.add("summary", task["title"])
    if task["description"]:
        entry.add("description", task["description"])
    entry.add("url", f"{address}/api/v1/tasks/{task['key']}")
    entry.add("sequence", task["version"])
    if labels := [label["name"] for label in task["labels"]]:
        entry.add("categories", labels)
    if (priority := _PRIORITY.get(Priority(task["priority"]))) is not None:
        entry.add("priority", priority)
    if task["parent_id"]:
        entry.add("related-to", task["parent_id"], parameters={"RELTYPE": "PARENT"})


def _due(task: Fields, zone: ZoneInfo) -> date | datetime | None:
    if task["due_at"] is not None:
        return datetime.fromisoformat(task["due_at"]).astimezone(zone)
    return None if task["due_on"] is None else date.fromisoformat(task["due_on"])


def _place_event(entry: Component, task: Fields, due: date | datetime) -> None:
    """On the day that it is due, or at the instant; it keeps nobody busy."""
    is_cancelled = task["status_category"] == StatusCategory.CANCELLED
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    entry.add("dtstart", due)
    entry.add("transp", "TRANSPARENT")
    if not isinstance(due, datetime):
        entry.add("dtend", due + timedelta(days=1))


def _place_todo(entry: Component, task: Fields, due: date | datetime | None, zone: ZoneInfo) -> None:
    category = StatusCategory(task["status_category"])
    entry.add("status", _STATUS[category])
    if task["completed_at"] is not None:
        entry.add("completed", datetime.fromisoformat(task["completed_at"]))
    if (done := _percent(task, category)) is not None:
        entry.add("percent-complete", done)
    start = _start(task, due, zone)
    if start is not None:
        entry.add("dtstart", start)
    if due is not None:
        entry.add("due", due)


def _percent(task: Fields, category: StatusCategory) -> int | None:
    if category is StatusCategory.DONE:
        return 100
    counted = task["checklist"]
    return 100 * counted["done"] // counted["total"] if counted["total"] else None


def _start(task: Fields, due: date | datetime | None, zone: ZoneInfo) -> date | datetime | None:
    """Of the same type as the due date, and before it (RFC 5545 §3.8.2.3); a rule counts from the due date."""
    if due is not None and _is_scheduled(task):
        return due
    if task["start_on"] is None:
        return None
    day = date.fromisoformat(task["start_on"])
    if isinstance(due, datetime):
        start = start_of(day, zone).astimezone(zone)
        return start if start < due else None
    return day if due is None or day < due else None


def _is_scheduled(task: Fields) -> bool:
    """Days that are counted from completion are in no rule: nobody knows yet when that will be."""
    return task["recurrence"] is not None and task["recurrence"]["mode"] == RecurrenceMode.SCHEDULE


def _recur(entry: Component, task: Fields, due: date | datetime, zone: ZoneInfo) -> None:
    if not _is_scheduled(task):
        return
    recurrence = task["recurrence"]
    entry.add("rrule", vRecur.from_ical(_rule_from_here(rules.parsed(recurrence["rule"]), recurrence, due, zone)))
    days = [text for text in recurrence["exdates"] if len(text) == len("2026-01-31")]
    instants = [text for text in recurrence["exdates"] if text not in days]
    if isinstance(due, datetime):
        excluded = [datetime.combine(date.fromisoformat(text), due.time(), zone) for text in days]
        excluded += [datetime.fromisoformat(text).astimezone(zone) for text in instants]
        if excluded:
            entry.add("exdate", sorted(excluded))
    elif days:
        entry.add("exdate", sorted(date.fromisoformat(text) for text in days))


def _rule_from_here(rule: Rule, recurrence: Fields, due: date | datetime, zone: ZoneInfo) -> str:
    """The rule as it goes on from the task, which is one of the series: COUNT is what is left, UNTIL of due's type."""
    parts = [part for part in rule.text.split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    if rule.count is not None:
        parts.append(f"COUNT={max(1, rule.count - recurrence['occurrence'] + 1)}")
    if rule.until is not None and isinstance(due, datetime):
        end = datetime.combine(rule.until.day, rule.until.at or time(23, 59, 59))
        instant = end.replace(tzinfo=UTC if rule.until.in_utc else zone).astimezone(UTC)
        parts.append(f"UNTIL={instant:%Y%m%dT%H%M%SZ}")
    elif rule.until is not None:
        parts.append(f"UNTIL={rule.until.day:%Y%m%d}")
    return ";".join(parts)


def _alarm(task: Fields, reminder: dict[str, Any], kind: EntryKind) -> Alarm | None:
    """Before the due instant as it was asked for, so that it moves along; else when its person will be told."""
    if reminder["remind_at"] is None:
        return None
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", task["title"])
    if reminder["minutes_before"] is not None and task["due_at"] is not None:
        related = {} if kind is EntryKind.EVENT else {"RELATED": "END"}
        alarm.add("trigger", timedelta(minutes=-reminder["minutes_before"]), parameters=related)
    else:
        at = datetime.fromisoformat(reminder["remind_at"]).astimezone(UTC)
        alarm.add("trigger", at, parameters={"VALUE": "DATE-TIME"})
    return alarm
