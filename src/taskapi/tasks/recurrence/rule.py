"""Recurrence rules of RFC 5545 §3.3.10 for days: which parts are taken, and a walk over their days that has an end.

A task has one time a day at most, so a rule says on which days, and nothing of hours. python-dateutil knows the days.
It walks on to the year 9999 while a rule matches nothing (`BYMONTH=2;BYMONTHDAY=30`), seconds of the event loop, and
knows no bound; but it steps by adding the interval, and so an interval that counts how often it is added is the bound.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule, weekday

MAX_LENGTH: Final = 300
_MAX_INTERVAL: Final = 1000
_MAX_COUNT: Final = 10_000
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2999
_FREQUENCIES: Final = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
# How many days, weeks, months or years are looked at, so that no rule costs more than some milliseconds: eight years of
# days go past every leap day, also around 2100, which has none. With an interval, the steps of a century, for each of
# them costs the months that it crosses.
_STEPS: Final = {DAILY: 3000, WEEKLY: 600, MONTHLY: 150, YEARLY: 25}
_IN_A_CENTURY: Final = {DAILY: 36_525, WEEKLY: 5_218, MONTHLY: 1200, YEARLY: 100}
_LEAST_STEPS: Final = 15
_WEEKDAYS: Final = {"MO": MO, "TU": TU, "WE": WE, "TH": TH, "FR": FR, "SA": SA, "SU": SU}
_ORDINAL_DAY: Final = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)")
_SIXTH_OR_LATER: Final = re.compile(r"[6-9][A-Z]|[0-9]{2}[A-Z]")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,5}")
_UNTIL: Final = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_MOST_ORDINALS: Final = {MONTHLY: 5, YEARLY: 53}


@dataclass(frozen=True, slots=True)
class Until:
    """The last moment of a rule: a day to its end, a local time, or an instant."""

    day: date
    at: time | None = None
    in_utc: bool = False

    def excludes(self, found: datetime, zone: ZoneInfo) -> bool:
        """`found` is local, in the zone of the rule."""
        if self.at is None:
            return found.date() > self.day
        end = datetime.combine(self.day, self.at)
        return found > (
            end.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) if self.in_utc else end
        )


@dataclass(frozen=True, slots=True)
class Rule:
    text: str
    """As it is stored: in capitals, without the name of the property."""
    frequency: int
    interval: int
    by: dict[str, object]
    """The arguments of `rrule` that choose days."""
    count: int | None
    until: Until | None


class _CountedInterval(int):
    """An interval that can be added only so often."""

    left: int

    @classmethod
    def of(cls, interval: int, steps: int) -> "_CountedInterval":
        counted = cls(interval)
        counted.left = steps
        return counted

    def _step(self) -> int:
        self.left -= 1
        if self.left < 0:
            raise _FarEnough
        return int(self)

    def __radd__(self, other: int) -> int:  # of days, months and years
        return other + self._step()

    def __mul__(self, other: int) -> int:  # of weeks
        return self._step() * other


class _FarEnough(Exception):
    pass


def days_after(rule: Rule, start: date) -> Iterator[date]:
    """The days of the rule after the first, which is `start`."""
    return (day for day in days_from(rule, start) if day > start)


def days_from(rule: Rule, start: date) -> Iterator[date]:
    """The days of the rule from this one on, as far as anybody looks; `count` and `until` aside.

    What the rule does not say, such as the day of the month, is that of `start`.
    """
    in_a_century = max(_LEAST_STEPS, _IN_A_CENTURY[rule.frequency] // rule.interval)
    found = rrule(
        rule.frequency,
        dtstart=datetime.combine(start, time()),
        interval=_CountedInterval.of(rule.interval, min(_STEPS[rule.frequency], in_a_century)),
        **rule.by,
    )
    try:
        for moment in found:
            if moment.year > _LAST_YEAR:
                return
            yield moment.date()
    except (_FarEnough, OverflowError):
        # OverflowError: the interval led past the last day that a date can be.
        return


def parsed(text: str) -> Rule:
    """A rule as RFC 5545 writes it. What cannot be taken is a ValueError that says why."""
    canonical = text.strip().upper().removeprefix("RRULE:").strip(";")
    parts = _parts(canonical)
    frequency = _FREQUENCIES.get(parts.pop("FREQ", ""))
    if frequency is None:
        raise ValueError(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
    interval = _integer("INTERVAL", parts.pop("INTERVAL", "1"), 1, _MAX_INTERVAL)
    count = _integer("COUNT", parts.pop("COUNT"), 1, _MAX_COUNT) if "COUNT" in parts else None
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    if count is not None and until is not None:
        raise ValueError("COUNT and UNTIL exclude each other")
    by = {_BY[name][0]: _BY[name][1](name, value, frequency) for name, value in parts.items()}
    _require_sense(parts, frequency)
    return Rule(canonical, frequency, interval, by, count, until)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, is_named, value = part.partition("=")
        if not is_named or not value:
            raise ValueError("must be parts such as FREQ=WEEKLY;BYDAY=MO, with a semicolon between them")
        if name in parts:
            raise ValueError("has a part twice")
        if name not in _TAKEN:
            raise ValueError(f"may have the parts {', '.join(_TAKEN)}, and no others")
        parts[name] = value
    return parts


def _require_sense(parts: dict[str, str], frequency: int) -> None:
    """What RFC 5545 says must not be together, and what nobody could say the meaning of."""
    if frequency == WEEKLY and "BYMONTHDAY" in parts:
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY")
    if frequency == YEARLY and "BYMONTH" in parts and _SIXTH_OR_LATER.search(parts.get("BYDAY", "")):
        # Numbers count within the months then; dateutil looks for the sixth Monday beyond the end of the year.
        raise ValueError("BYDAY has a number that goes with BYMONTH up to 5")
    if "BYSETPOS" in parts and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & set(parts):
        raise ValueError("BYSETPOS needs a set to choose from: BYDAY, BYMONTHDAY or BYMONTH")


def _integer(name: str, text: str, least: int, most: int) -> int:
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return int(text)


def _integers(least: int, most: int, *, backwards: bool) -> Callable[[str, str, int], list[int]]:
    def read(name: str, text: str, _: int) -> list[int]:
        numbers = [_integer(name, number, -most if backwards else least, most) for number in text.split(",")]
        if 0 in numbers:
            raise ValueError(f"{name} counts from 1, or from -1 backwards")
        return sorted(set(numbers))

    return read


def _weekdays(name: str, text: str, frequency: int) -> list[weekday]:
    found = []
    for day in dict.fromkeys(text.split(",")):
        match = _ORDINAL_DAY.fullmatch(day)
        if match is None:
            raise ValueError(f"{name} must be days such as MO,FR or 1MO,-1FR")
        if match[1] is None:
            found.append(_WEEKDAYS[match[2]])
            continue
        most = _MOST_ORDINALS.get(frequency)
        if most is None or abs(int(match[1])) > most:
            raise ValueError(f"{name} has a number that goes with FREQ=MONTHLY up to 5, with FREQ=YEARLY up to 53")
        found.append(_WEEKDAYS[match[2]](int(match[1])))
    return found


def _week_start(name: str, text: str, _: int) -> weekday:
    if text not in _WEEKDAYS:
        raise ValueError(f"{name} must be one of {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS[text]


def _until(text: str) -> Until:
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError  # noqa: TRY301 - one sentence for whatever is wrong with it
        day = datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a day
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValueError  # noqa: TRY301 - so far off, another time zone may have no such day
        at = datetime.strptime(match[2], "%H%M%S").time() if match[2] else None  # noqa: DTZ007 - a time of day
    except ValueError:
        raise ValueError(
            "UNTIL must be a day such as 20261224, or an instant such as 20261224T120000Z, from 1900 to 2999"
        ) from None
    return Until(day, at, in_utc=bool(match[3]))


# Names of parts, the argument of `rrule` that each is, and how it is read.
_BY: Final[dict[str, tuple[str, Callable[[str, str, int], object]]]] = {
    "BYDAY": ("byweekday", _weekdays),
    "BYMONTHDAY": ("bymonthday", _integers(1, 31, backwards=True)),
    "BYMONTH": ("bymonth", _integers(1, 12, backwards=False)),
    "BYSETPOS": ("bysetpos", _integers(1, 366, backwards=True)),
    "WKST": ("wkst", _week_start),
}
_TAKEN: Final = ("FREQ", "INTERVAL", *_BY, "COUNT", "UNTIL")
