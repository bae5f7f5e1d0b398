"""Days in a time zone, as what a task's due date is compared with: a day wherever you are, or an instant."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, said twice: `at` for what is due at an instant, `day` for what is due on a day.

    What is due on `day` or later is due from the moment on, what is due on an earlier day before it.
    """

    day: date
    at: datetime

    @property
    def earliest(self) -> datetime:
        """Of the two, on the scale of the table's sort key, where a day stands at its first moment in UTC."""
        return min(self.at, _start(self.day))

    @property
    def latest(self) -> datetime:
        return max(self.at, _start(self.day))

    @classmethod
    def of_day(cls, day: date, zone: ZoneInfo) -> "Moment":
        """The first moment of a day."""
        return cls(day, start_of(day, zone))

    @classmethod
    def of_instant(cls, instant: datetime, zone: ZoneInfo) -> "Moment":
        """A day is due at its beginning: the first that begins at the instant, or later."""
        day = instant.astimezone(zone).date()
        return cls(day if start_of(day, zone) >= instant else day + _DAY, instant)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day. Where the clocks skip midnight, it begins when they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_after(day: date) -> date:
    return day + _DAY


def days_after(day: date, days: int) -> date:
    return day + days * _DAY


@lru_cache(600)
def zone_named(name: str) -> ZoneInfo:
    """UTC where this machine does not know the zone any more that an account chose on another."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
