"""When a task comes again: its next dates, from its recurrence, its own dates and the day it is done.

All is counted in days of the time zone that is stored with the rule. A task that is due at an instant keeps its time of
day there, whatever the clocks do; the two hours of the year that are not like others are RFC 5545's (§3.3.5): a time
that the clocks skip is meant by the offset before, and one that comes twice is the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from taskapi.core.fields import rfc3339
from taskapi.core.resources.document import Fields
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.recurrence import rule as rules
from taskapi.tasks.schemas import RecurrenceMode

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dates:
    """Of a task: the columns that an occurrence sets."""

    start_on: date | None
    due_on: date | None
    due_at: datetime | None

    @classmethod
    def of(cls, fields: Fields) -> "Dates":
        """`fields` are a task's, as JSON has them."""
        start_on, due_on, due_at = (fields[name] for name in ("start_on", "due_on", "due_at"))
        return cls(
            date.fromisoformat(start_on) if start_on else None,
            date.fromisoformat(due_on) if due_on else None,
            datetime.fromisoformat(due_at) if due_at else None,
        )


@dataclass(frozen=True, slots=True)
class Occurrence:
    dates: Dates
    number: int
    """Which of the series it is; the task that the rule was given to is the first."""
    time_of_day: time | None

    @property
    def due(self) -> str:
        """As the task will show it."""
        return str(self.dates.due_on) if self.dates.due_at is None else rfc3339(self.dates.due_at)

    def recurrence_after(self, recurrence: Fields) -> dict[str, object]:
        """What the task of this occurrence goes on with."""
        return {**recurrence, "occurrence": self.number, "time_of_day": _text(self.time_of_day)}


def following(recurrence: Fields, dates: Dates, now: datetime, *, done: bool = False) -> Occurrence | None:
    """The next one, or None where the rule has come to its end."""
    return next(upcoming(recurrence, dates, now, done=done), None)


def upcoming(recurrence: Fields, dates: Dates, now: datetime, *, done: bool = False) -> Iterator[Occurrence]:
    """All that follow, the soonest first, as far as the rule is looked at.

    Where the days are counted from completion, they are counted from today if it is `done` today, and else from its
    due date if that is later.
    """
    rule, zone = rules.parsed(recurrence["rule"]), zone_named(recurrence["timezone"])
    due, at = _due(recurrence, dates, zone)
    today = now.astimezone(zone).date()
    if recurrence["mode"] == RecurrenceMode.SCHEDULE:
        start = due or today
    else:
        start = today if done or due is None else max(today, due)
    number: int = recurrence["occurrence"]
    for day in rules.days_after(rule, start):
        number += 1
        local = datetime.combine(day, at or time())
        if (rule.count is not None and number > rule.count) or (rule.until and rule.until.excludes(local, zone)):
            return
        if not _is_excluded(local, zone, recurrence["exdates"]):
            yield Occurrence(_moved(dates, due, local, at, zone), number, at)


def first_day(recurrence: Fields, start_on: date | None, now: datetime) -> date | None:
    """When a task without a due date begins to recur: the first day of its rule, from today or its start on."""
    rule, zone = rules.parsed(recurrence["rule"]), zone_named(recurrence["timezone"])
    today = now.astimezone(zone).date()
    # Which weeks or months an interval passes over is counted from this day on.
    for day in rules.days_from(replace(rule, interval=1), max(today, start_on or today)):
        local = datetime.combine(day, time())
        if rule.until and rule.until.excludes(local, zone):
            return None
        if not _is_excluded(local, zone, recurrence["exdates"]):
            return day
    return None


def time_of_day(recurrence: Fields, dates: Dates) -> str | None:
    """The local time that a task is meant to be due at."""
    return _text(_due(recurrence, dates, zone_named(recurrence["timezone"]))[1])


def _due(recurrence: Fields, dates: Dates, zone: ZoneInfo) -> tuple[date | None, time | None]:
    """The local day and time that the task is due.

    Where the clocks skip its hour, the task stands an hour later on this one day, and the time that was meant is the
    one stored; unless somebody has given it another time since.
    """
    if dates.due_at is None:
        return dates.due_on, None
    local = dates.due_at.astimezone(zone)
    if stored := recurrence["time_of_day"]:
        meant = time.fromisoformat(stored)
        for day in (local.date(), local.date() - _DAY):
            if _instant(datetime.combine(day, meant), zone) == dates.due_at:
                return day, meant
    return local.date(), local.time()


def _moved(dates: Dates, due: date | None, local: datetime, at: time | None, zone: ZoneInfo) -> Dates:
    """The same dates, as many days later."""
    start_on = dates.start_on
    if start_on is not None:
        start_on = start_on + (local.date() - due) if due else min(start_on, local.date())
    if at is None:
        return Dates(start_on, local.date(), None)
    return Dates(start_on, None, _instant(local, zone))


def _is_excluded(local: datetime, zone: ZoneInfo, exdates: list[str]) -> bool:
    """An excluded day is a day of the rule's zone, an excluded instant the occurrence that is due then."""
    return str(local.date()) in exdates or rfc3339(_instant(local, zone)) in exdates


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """A time that does not exist has the offset before the gap, one that comes twice is the first: so is `fold=0`."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _text(at: time | None) -> str | None:
    return at.isoformat() if at else None
