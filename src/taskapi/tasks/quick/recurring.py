"""`every two weeks`, `every monday and friday`, `monthly`: recurrences as English writes them, as rules of RFC 5545."""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from taskapi.tasks.quick.dates import MONTH, MONTHS, NUMBER, WEEKDAY, WEEKDAYS, number_of, pattern

_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_ADVERBS: Final = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY", "annually": "YEARLY"}
_ORDINALS: Final = {"first": 1, "1st": 1, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1}
_LAST_DAY: Final = 31
_WEEK: Final = 7
# The longest that a rule of ours waits for its first day: from one 29th of February to the next but one.
_DAYS_AHEAD: Final = 366 * 9


@dataclass(frozen=True, slots=True)
class Recurrence:
    rule: str
    """An RRULE, without its name."""
    fits: Callable[[date], bool] = lambda _: True
    """Whether it may begin on a day."""
    from_completion: bool = False
    """`every!`: counted from when it was done, not from when it was due."""

    def first(self, today: date) -> date | None:
        days = (today + timedelta(later) for later in range(_DAYS_AHEAD))
        return next((day for day in days if self.fits(day)), None)


def _every(match: re.Match[str], _: date) -> Recurrence | None:
    unit, how_many = match["unit"].lower(), match["count"]
    interval = 1 if how_many is None else 2 if how_many.lower() == "other" else number_of(how_many)
    if interval == 0:
        return None
    if unit == "quarter":
        return _made(match, "MONTHLY", interval * 3)
    return _made(match, _FREQUENCIES[unit], interval)


def _adverb(match: re.Match[str], _: date) -> Recurrence | None:
    return Recurrence(f"FREQ={_ADVERBS[match[0].lower()]}")


def _weekdays(match: re.Match[str], _: date) -> Recurrence | None:
    return _on_days(match, range(5))


def _weekend(match: re.Match[str], _: date) -> Recurrence | None:
    return _on_days(match, (5, 6))


def _days(match: re.Match[str], _: date) -> Recurrence | None:
    names = re.findall(WEEKDAY, match["names"].lower())
    return _on_days(match, sorted({WEEKDAYS[name] for name in names}), 2 if match["other"] else 1)


def _on_days(match: re.Match[str], days: Sequence[int], interval: int = 1) -> Recurrence:
    codes = ",".join(_CODES[day] for day in days)
    return _made(match, "WEEKLY", interval, f";BYDAY={codes}", lambda day: day.weekday() in days)


def _days_of_month(match: re.Match[str], _: date) -> Recurrence | None:
    numbers = sorted({int(number) for number in re.findall(r"[0-9]+", match["numbers"])})
    if not all(1 <= number <= _LAST_DAY for number in numbers):
        return None
    codes = ",".join(str(number) for number in numbers)
    return _made(match, "MONTHLY", 1, f";BYMONTHDAY={codes}", lambda day: day.day in numbers)


def _last_day(match: re.Match[str], _: date) -> Recurrence | None:
    return _made(match, "MONTHLY", 1, ";BYMONTHDAY=-1", lambda day: day.day == monthrange(day.year, day.month)[1])


def _weekday_of_month(match: re.Match[str], _: date) -> Recurrence | None:
    which = 2 if match["which"].lower() == "second" else _ORDINALS[match["which"].lower()]
    weekday = WEEKDAYS[match["name"].lower()]

    def fits(day: date) -> bool:
        week = (day.day - 1) // _WEEK + 1
        is_last = day.day + _WEEK > monthrange(day.year, day.month)[1]
        return day.weekday() == weekday and (is_last if which < 0 else week == which)

    return _made(match, "MONTHLY", 1, f";BYDAY={which}{_CODES[weekday]}", fits)


def _day_of_year(match: re.Match[str], _: date) -> Recurrence | None:
    month, number = MONTHS[match["month"].lower()], int(match["day"])
    if not 1 <= number <= monthrange(2024, month)[1]:  # a leap year
        return None
    return _made(
        match,
        "YEARLY",
        1,
        f";BYMONTH={month};BYMONTHDAY={number}",
        lambda day: (day.month, day.day) == (month, number),
    )


def _made(
    match: re.Match[str],
    frequency: str,
    interval: int = 1,
    more: str = "",
    fits: Callable[[date], bool] = lambda _: True,
) -> Recurrence:
    every = "" if interval == 1 else f";INTERVAL={interval}"
    return Recurrence(f"FREQ={frequency}{every}{more}", fits, from_completion=match["after"] is not None)


_EVERY: Final = "every(?P<after>!)? "
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_AND: Final = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*/\s*)"
_NTH: Final = "[0-9]{1,2}(?:st|nd|rd|th)"
RECURRENCES: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], Recurrence | None]]]] = (
    (pattern(rf"{_EVERY}(?:(?P<count>other|{NUMBER}) )?(?P<unit>day|week|month|quarter|year)s?"), _every),
    (pattern("daily|weekly|monthly|yearly|annually"), _adverb),
    (pattern(rf"{_EVERY}(?:weekday|workday|working day)s?"), _weekdays),
    (pattern(rf"{_EVERY}weekends?"), _weekend),
    (pattern(rf"{_EVERY}(?P<other>other )?(?P<names>{WEEKDAY}s?(?:{_AND}{WEEKDAY}s?){{0,6}})"), _days),
    (pattern(rf"{_EVERY}(?P<numbers>{_NTH}(?:{_AND}{_NTH}){{0,9}})(?: (?:day )?of (?:the|every|each) month)?"),
     _days_of_month),
    (pattern(rf"{_EVERY}last day(?: of (?:the|every|each) month)?"), _last_day),
    (pattern(rf"{_EVERY}(?P<which>{'|'.join(_ORDINALS)}) (?P<name>{WEEKDAY})(?: of (?:the|every|each) month)?"),
     _weekday_of_month),
    (pattern(rf"{_EVERY}(?P<which>second) (?P<name>{WEEKDAY}) of (?:the|every|each) month"), _weekday_of_month),
    (pattern(rf"{_EVERY}{_DAY}(?: of)? (?P<month>{MONTH})"), _day_of_year),
    (pattern(rf"{_EVERY}(?P<month>{MONTH}) {_DAY}"), _day_of_year),
)  # fmt: skip
