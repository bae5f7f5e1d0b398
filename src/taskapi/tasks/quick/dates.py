"""Days and times of day as English writes them, read at one place of a text.

Each way to write one is a pattern and what it means, seen from today. Patterns know ASCII alone and never repeat what
repeats, so that a look at one place takes microseconds, whatever stands there.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Final, TypeVar

_T = TypeVar("_T")
_FLAGS: Final = re.IGNORECASE | re.ASCII
_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # as in the fields of a task
_WEEK: Final = 7
_MONTHS_IN_A_YEAR: Final = 12
_SATURDAY: Final = 5
_LEAP_YEARS_ARE_WITHIN: Final = 9

_WITHIN_WORDS: Final = "-.:/'\N{RIGHT SINGLE QUOTATION MARK}"

_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBERS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
WEEKDAYS: Final = {
    **{name[:3]: number for number, name in enumerate(_DAY_NAMES)},
    **{name: number for number, name in enumerate(_DAY_NAMES)},
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
MONTHS: Final = {
    **{name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name: number for number, name in enumerate(_MONTH_NAMES, 1)},
    "sept": 9,
}


def _one_of(names: Sequence[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


WEEKDAY: Final = rf"(?:{_one_of(list(WEEKDAYS))})"
MONTH: Final = rf"(?:{_one_of(list(MONTHS))})"
NUMBER: Final = rf"(?:[0-9]{{1,3}}|{_one_of(_NUMBERS[1:])}|an?)"
# Words of their own: alone they are no day of the week.
_ORDINARY_WORDS: Final = frozenset({"sat", "sun", "wed"})
_PARTS_OF_DAY: Final = {"morning": time(9), "afternoon": time(15), "evening": time(19), "night": time(21)}


def pattern(text: str) -> re.Pattern[str]:
    """A blank in it stands for any number of them."""
    return re.compile(text.replace(" ", r"\s+"), _FLAGS)


def number_of(text: str) -> int:
    word = text.lower()
    if word in {"a", "an"}:
        return 1
    return int(word) if word.isdigit() else _NUMBERS.index(word)


def read(
    ways: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], _T | None]]],
    text: str,
    start: int,
    today: date,
) -> tuple[int, _T] | None:
    """Where it ends and what it means, by the way that reads the most."""
    found: tuple[int, _T] | None = None
    for written, meaning in ways:
        match = written.match(text, start)
        if match is None or not ends_word(text, match.end()) or (found is not None and match.end() <= found[0]):
            continue
        meant = meaning(match, today)
        if meant is not None:
            found = match.end(), meant
    return found


def ends_word(text: str, end: int) -> bool:
    """Whether nothing of the same word follows, as in `monday's`, `17:00:30` or `5.30`."""
    if end >= len(text):
        return True
    following = text[end : end + 2]
    if following[0] in _WITHIN_WORDS and len(following) > 1:
        return not following[1].isalnum()
    return not following[0].isalnum() and following[0] != "_"


def day_of(year: int, month: int, day: int) -> date | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not 1 <= month <= _MONTHS_IN_A_YEAR:
        return None
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def months_later(day: date, months: int) -> date | None:
    """The same day of that month, or its last one."""
    years, month = divmod(day.month - 1 + months, _MONTHS_IN_A_YEAR)
    if day.year + years > _LAST_YEAR:
        return None
    return date(day.year + years, month + 1, min(day.day, monthrange(day.year + years, month + 1)[1]))


def weekday_after(today: date, weekday: int) -> date:
    """The first such day after today."""
    return today + timedelta((weekday - today.weekday() - 1) % _WEEK + 1)


def _this_or_next_year(today: date, month: int, day: int) -> date | None:
    """The first such day from today on; the 29th of February takes up to eight years."""
    days = (day_of(year, month, day) for year in range(today.year, today.year + _LEAP_YEARS_ARE_WITHIN))
    return next((found for found in days if found is not None and found >= today), None)


def _dated(match: re.Match[str], today: date) -> date | None:
    """By groups `day`, `month` (a name or a number) and perhaps `year`."""
    month, year = match["month"].lower(), match["year"]
    number = int(month) if month.isdigit() else MONTHS[month]
    if year:
        return day_of(int(year), number, int(match["day"]))
    return _this_or_next_year(today, number, int(match["day"]))


def _weekday(match: re.Match[str], today: date) -> date | None:
    name, which = match["name"].lower(), (match["which"] or "").lower()
    if which == "next":  # that of next week, which begins on a Monday
        return today + timedelta(_WEEK - today.weekday() + WEEKDAYS[name])
    return weekday_after(today, WEEKDAYS[name])


def _plain_weekday(match: re.Match[str], today: date) -> date | None:
    return None if match["which"] is None and match["name"] in _ORDINARY_WORDS else _weekday(match, today)


def _later(match: re.Match[str], today: date) -> date | None:
    count, unit = number_of(match["count"]), match["unit"].lower()
    if unit in {"day", "week"}:
        return today + timedelta(count * (_WEEK if unit == "week" else 1))
    return months_later(today, count * (_MONTHS_IN_A_YEAR if unit == "year" else 1))


def _next(match: re.Match[str], today: date) -> date | None:
    unit = match["unit"].lower()
    if unit == "week":
        return weekday_after(today, 0)
    if unit == "weekend":
        return today + timedelta(_WEEK - today.weekday() + _SATURDAY)
    return date(today.year + 1, 1, 1) if unit == "year" else months_later(today.replace(day=1), 1)


def _weekend(_: re.Match[str], today: date) -> date | None:
    return today + timedelta(max(0, _SATURDAY - today.weekday()))


def _end_of_month(_: re.Match[str], today: date) -> date | None:
    return today.replace(day=monthrange(today.year, today.month)[1])


def _of_month(match: re.Match[str], today: date) -> date | None:
    """The first such day from today on, in whichever month has it."""
    months = (months_later(today.replace(day=1), later) for later in range(_MONTHS_IN_A_YEAR))
    days = (day_of(first.year, first.month, int(match["day"])) for first in months if first is not None)
    return next((found for found in days if found is not None and found >= today), None)


_DAY: Final = r"(?P<day>[0-9]{1,2})"
_YEAR: Final = r"(?:,?\s+(?P<year>[0-9]{4})(?![0-9:]))?"
_TH: Final = "(?:st|nd|rd|th)"
_UNIT: Final = r"(?P<unit>day|week|month|year)s?"
DATES: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]]]] = (
    (pattern("today|tonight"), lambda _, today: today),
    (pattern("tomorrow|tmrw"), lambda _, today: today + timedelta(1)),
    (pattern("(?:the )?day after tomorrow"), lambda _, today: today + timedelta(2)),
    (pattern(rf"(?:(?P<which>next|this|coming) )?(?P<name>{WEEKDAY})"), _plain_weekday),
    (pattern("next (?P<unit>weekend|week|month|year)"), _next),
    (pattern("this weekend"), _weekend),
    (pattern("(?:the )?end of (?:the |this )?month"), _end_of_month),
    (pattern(rf"in (?P<count>{NUMBER}) {_UNIT}"), _later),
    (pattern(rf"(?P<count>{NUMBER}) {_UNIT} from (?:now|today)"), _later),
    (pattern(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"), _dated),
    (pattern(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"), _dated),
    # Alone only where it can be no version, of which the first number is rarely so high: `fails on 10.10, also 10.11.`
    (pattern(r"(?P<day>1[3-9]|2[0-9]|3[01])\.(?P<month>[0-9]{2})\.(?P<year>)?"), _dated),
    (pattern(rf"{_DAY}(?:{_TH}|\.)?(?: of)? (?P<month>{MONTH})\.?{_YEAR}"), _dated),
    (pattern(rf"(?P<month>{MONTH})\.? {_DAY}{_TH}?{_YEAR}"), _dated),
)
# What is a day only after a word such as `on`: a day of the month, any `3.11.`, and short names that are other words.
DATES_AFTER_A_WORD: Final = (
    *DATES,
    (pattern(rf"(?P<which>)?(?P<name>{WEEKDAY})"), _weekday),
    (pattern(rf"(?:the )?{_DAY}{_TH}"), _of_month),
    (pattern(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>)?"), _dated),
)


def _clock(match: re.Match[str], _: date) -> time | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if half := (match["half"] or "").lower():
        if not 1 <= hour <= 12:  # noqa: PLR2004 - of a clock face
            return None
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - of a day, and of an hour


_HALF: Final = r"(?P<half>[ap]\.?m\b\.?)"
TIMES: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], time | None]]]] = (
    (re.compile(rf"(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{2}})(?:\s*{_HALF})?", _FLAGS), _clock),
    (re.compile(rf"(?P<hour>[0-9]{{1,2}})(?:[.:](?P<minute>[0-9]{{2}}))?\s*{_HALF}", _FLAGS), _clock),
    (pattern("noon|midday"), lambda *_: time(12)),
)
TIMES_AFTER_AT: Final = (
    *TIMES,
    (re.compile(r"(?P<hour>[0-9]{1,2})(?P<minute>)?(?P<half>)?(?:\s+o\Wclock)?", _FLAGS), _clock),
)
TIMES_AFTER_A_DAY: Final = (
    *TIMES,
    (pattern("(?:in the )?(?P<part>morning|afternoon|evening|night)"), lambda m, _: _PARTS_OF_DAY[m["part"].lower()]),
)


def _span(match: re.Match[str], _: date) -> timedelta | None:
    count, unit = number_of(match["count"]), match["unit"].lower()
    return timedelta(hours=count) if unit.startswith("h") else timedelta(minutes=count)


SPANS: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], date], timedelta | None]]]] = (
    (pattern(rf"in (?P<count>{NUMBER}) (?P<unit>hours?|hrs?|minutes?|mins?)"), _span),
)
