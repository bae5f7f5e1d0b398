"""Days and instants as people write them in filters: `2026-12-01`, `today`, `-7d`, `now-2h`, and what each covers."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pydantic import TypeAdapter, ValidationError

from taskapi.tasks.filters.moments import Moment, day_after, days_after, start_of
from taskapi.tasks.filters.schemas import DayOrInstant
from taskapi.tasks.filters.standpoint import Standpoint

WORDS: Final = ("today", "tomorrow", "yesterday", "now")
IN_WORDS: Final = "a day or an instant, such as 2026-12-31, 2026-12-31T12:00:00Z, today, tomorrow, -7d, +2w or now-2h"
A_DAY_IN_WORDS: Final = "a day, such as 2026-12-31, today, tomorrow, -7d or +2w"
_RELATIVE: Final = re.compile(r"(today|tomorrow|yesterday|now)?(?:([+-][0-9]{1,5})(min|h|d|w|m|y))?", re.IGNORECASE)
_DAYS_FROM_TODAY: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}
_SHORT: Final = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
_MONTHS: Final = {"m": 1, "y": 12}
_WEEK: Final = 7
_TICK: Final = timedelta(microseconds=1)
_YEARS: Final = range(1900, 3000)
_ABSOLUTE: Final[TypeAdapter[date | datetime]] = TypeAdapter(DayOrInstant)
Time = date | datetime


@dataclass(frozen=True, slots=True)
class Span:
    """What a word covers, from its first moment to the first that it does not; both days, or both instants."""

    first: Time
    after: Time

    @classmethod
    def of(cls, time: Time) -> "Span":
        return cls(time, time + _TICK) if isinstance(time, datetime) else cls(time, day_after(time))


def span(text: str, seen_from: Standpoint) -> Span | None:
    """None: it says no time between the years 1900 and 2999."""
    if text and (found := _RELATIVE.fullmatch(text)):
        base, amount, unit = (found[1] or "").lower(), int(found[2] or 0), (found[3] or "d").lower()
        time = _moved(base, amount, unit, seen_from)
        return Span.of(time) if time is not None else None
    try:
        return Span.of(_ABSOLUTE.validate_python(text))
    except ValidationError:
        return None


def as_instant(time: Time, seen_from: Standpoint) -> datetime:
    return time if isinstance(time, datetime) else start_of(time, seen_from.zone)


def as_moment(time: Time, seen_from: Standpoint) -> Moment:
    of = Moment.of_instant if isinstance(time, datetime) else Moment.of_day
    return of(time, seen_from.zone)  # type: ignore[arg-type]  # each takes what it was chosen for


def _moved(base: str, amount: int, unit: str, seen_from: Standpoint) -> Time | None:
    """Hours are counted from now, days from today; in months and years a day that is missing is the last before it."""
    moved: Time | None
    try:
        if base == "now" or (not base and unit in _SHORT):
            moved = _instant(amount, unit, seen_from)
        elif unit in _SHORT:
            return None
        else:
            moved = _day(days_after(seen_from.today, _DAYS_FROM_TODAY.get(base, 0)), amount, unit)
    except OverflowError:
        return None
    return moved if moved is not None and moved.year in _YEARS else None


def _instant(amount: int, unit: str, seen_from: Standpoint) -> datetime | None:
    if unit in _SHORT:
        return seen_from.now + amount * _SHORT[unit]
    local = seen_from.now.astimezone(seen_from.zone)
    day = _day(local.date(), amount, unit)
    # The same time by the clock, also where the clocks were changed between the two.
    return datetime.combine(day, local.timetz()).astimezone(UTC) if day is not None else None


def _day(day: date, amount: int, unit: str) -> date | None:
    if unit not in _MONTHS:
        return days_after(day, amount * (_WEEK if unit == "w" else 1))
    years, month = divmod(day.year * 12 + day.month - 1 + amount * _MONTHS[unit], 12)
    if years not in _YEARS:
        return None
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))
