"""The days that a report is about, in somebody's time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from taskapi.core.errors import Invalid
from taskapi.tasks.filters.moments import day_after, days_after, start_of

DEFAULT_DAYS: Final = 30
MAX_DAYS: Final = 3 * 366
"""Three years, leap days included."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        """The first moment of the first day."""
        return start_of(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment after the last day."""
        return start_of(day_after(self.last), self.zone)

    @property
    def length(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        return (days_after(self.first, passed) for passed in range(self.length))

    def ends_of_days(self) -> list[datetime]:
        """Of each day the first moment after it, which is not always 24 hours after the one before."""
        return [start_of(day_after(day), self.zone) for day in self.days()]


def period_of(first: date | None, last: date | None, today: date, zone: ZoneInfo) -> Period:
    """The days that were asked for; where one end is missing, thirty days, and without both the last thirty."""
    if last is None:
        last = today
    if first is None:
        first = days_after(last, 1 - DEFAULT_DAYS)
    if first > last:
        detail = f"The first day is after the last one, {last}"
        raise Invalid("There are no such days", ("/query/from", "after_last_day", detail))
    if (last - first).days >= MAX_DAYS:
        detail = f"A report is about {MAX_DAYS} days at most: begin later, or ask for two"
        raise Invalid("These are too many days", ("/query/from", "too_many_days", detail))
    return Period(first, last, zone)
