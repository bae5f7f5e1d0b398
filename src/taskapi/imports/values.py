"""Cells as values: days, instants, numbers, priorities and people, in the forms in which people write them.

Each answers None for an empty text, and raises ValueError, with what is wrong, for one that it cannot read.
"""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Final

from taskapi.imports.records import ImportedPerson
from taskapi.models import Priority, StatusCategory


class DateOrder(StrEnum):
    """What `03/04/2026` means."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


_EARLIEST, _LATEST = 1900, 2999
_DAY: Final = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})")
_WORDED: Final = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d/%b/%y", "%d/%b/%Y", "%d-%b-%Y", "%d-%b-%y")
_TIMES: Final = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S.%f")
_CENTURY_ENDS: Final = 69
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([,.' ])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_ADDRESS: Final = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+@[^<>\s]+)>")
_SURELY_EXACT: Final = 15
_MAX_ESTIMATE: Final = 1_000_000
_MAX_MONTH: Final = 12
_BETWEEN: Final = re.compile(r"[;,|]")
_PRIORITIES: Final = {
    **{str(priority): priority for priority in Priority},
    **dict.fromkeys(("highest", "critical", "blocker", "immediate", "p0", "asap"), Priority.URGENT),
    **dict.fromkeys(("major", "important", "p1"), Priority.HIGH),
    **dict.fromkeys(("normal", "default", "middle", "p2"), Priority.MEDIUM),
    **dict.fromkeys(("minor", "lowest", "trivial", "p3", "p4"), Priority.LOW),
    **dict.fromkeys(("no priority", "unset", "undefined"), Priority.NONE),
}
_CATEGORIES: Final = {
    **{str(category): category for category in StatusCategory},
    **dict.fromkeys(("new", "to do", "todo", "open", "unresolved"), StatusCategory.UNSTARTED),
    **dict.fromkeys(("in progress", "indeterminate", "active", "started"), StatusCategory.STARTED),
    **dict.fromkeys(("completed", "closed", "complete"), StatusCategory.DONE),
    **dict.fromkeys(("canceled", "rejected"), StatusCategory.CANCELLED),
}


def priority(text: str) -> str | None:
    name = text.strip().casefold()
    if not name:
        return None
    if name not in _PRIORITIES:
        raise ValueError("is no priority: none, low, medium, high or urgent")
    return _PRIORITIES[name]


def category(text: str) -> str | None:
    name = text.strip().casefold()
    if not name:
        return None
    if name not in _CATEGORIES:
        raise ValueError("is no category: backlog, unstarted, started, done or cancelled")
    return _CATEGORIES[name]


def number(text: str) -> float | None:
    """With a point or a comma before the decimals, and with groups of three."""
    if len(text) < _SURELY_EXACT and text.isdecimal() and text.isascii():
        return int(text)
    written = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if not written:
        return None
    if found := _GROUPED.fullmatch(written):
        written = written.replace(found[1], "")
    written = written.replace(",", ".")
    if not _NUMBER.fullmatch(written):
        raise ValueError("is no number")
    value = float(written)
    if not math.isfinite(value):
        raise ValueError("is too large a number")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value  # noqa: PLR2004 - integers that JSON keeps


def estimate(text: str) -> float | None:
    value = number(text)
    if value is not None and not 0 <= value <= _MAX_ESTIMATE:
        raise ValueError(f"must be between 0 and {_MAX_ESTIMATE}")
    return value


def moment(text: str, order: DateOrder | None, zone: tzinfo) -> date | datetime | None:
    """A day, or an instant in UTC; a time without a zone is of this one."""
    written = text.strip()
    if not written:
        return None
    return _moment(written, order, zone)


def day(text: str, order: DateOrder | None, zone: tzinfo) -> date | None:
    found = moment(text, order, zone)
    return found.astimezone(zone).date() if isinstance(found, datetime) else found


def instant(text: str, order: DateOrder | None, zone: tzinfo) -> datetime | None:
    """A day without a time is its beginning."""
    found = moment(text, order, zone)
    if found is None or isinstance(found, datetime):
        return found
    return datetime.combine(found, time(), zone).astimezone(UTC)


def people(text: str) -> Sequence[ImportedPerson]:
    """Apart by semicolons; by commas where each part is an address, for names have commas in them."""
    parts = [part.strip() for part in text.split(";")]
    if len(parts) == 1 and "," in text and all("@" in part for part in text.split(",")):
        parts = [part.strip() for part in text.split(",")]
    return [person(part) for part in parts if part]


def person(text: str) -> ImportedPerson:
    written = text.strip()
    if found := _ADDRESS.fullmatch(written):
        return ImportedPerson(found["name"].strip(" \"'") or None, found["email"])
    if "@" in written and " " not in written and not written.startswith("@"):
        return ImportedPerson(None, written)
    return ImportedPerson(written.removeprefix("@"))


def labels(text: str) -> list[str]:
    parts = _BETWEEN.split(text)
    return [part.strip() for part in parts if part.strip()]


@lru_cache(4096)
def _moment(text: str, order: DateOrder | None, zone: tzinfo) -> date | datetime:
    found = _iso(text, zone) or _written(text, order, zone)
    if found is None:
        raise ValueError("is no day and no instant, such as 2026-01-31 or 2026-01-31T12:00:00Z")
    if not _EARLIEST <= found.year <= _LATEST:
        raise ValueError("must be between the years 1900 and 2999")
    return found


def _iso(text: str, zone: tzinfo) -> date | datetime | None:
    with suppress(ValueError):
        if len(text) == 10 and text[4] == text[7] == "-":  # noqa: PLR2004 - 2026-01-31
            return date.fromisoformat(text)
    if text[:4].isdigit() and text[4:5] == "-":
        with suppress(ValueError):
            return _in_utc(datetime.fromisoformat(text.replace(" UTC", "+00:00")), zone)
    return None


def _written(text: str, order: DateOrder | None, zone: tzinfo) -> date | datetime | None:
    with suppress(ValueError):
        return _numbered(text, order)
    for form in _WORDED:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    first, blank, rest = text.replace(", ", " ", 1).rpartition(" ")
    if rest.casefold() in {"am", "pm"}:
        first, blank, clock = first.rpartition(" ")
        rest = f"{clock} {rest}"
    if not blank or ":" not in rest:
        if _DAY.fullmatch(text):
            _numbered(text, order)  # which says what is wrong
        return None
    at = next((hour for form in _TIMES if (hour := _time(rest, form)) is not None), None)
    on = _written(first, order, zone) if at is not None else None
    if at is None or on is None or isinstance(on, datetime):
        return None
    return _in_utc(datetime.combine(on, at), zone)


def _numbered(text: str, order: DateOrder | None) -> date:
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError("is no day")
    first, second, last = (int(found[group]) for group in (1, 3, 4))
    if len(found[1]) == 4:  # noqa: PLR2004 - a year
        return date(first, second, last)
    year = last if len(found[4]) > 2 else last + (2000 if last < _CENTURY_ENDS else 1900)  # noqa: PLR2004
    if found[2] == "." or order is DateOrder.DMY or first > _MAX_MONTH:
        return date(year, second, first)
    if order is DateOrder.MDY or second > _MAX_MONTH or first == second:
        return date(year, first, second)
    raise ValueError("may be two days: say with the option date_order whether the day or the month comes first")


def _time(text: str, form: str) -> time | None:
    with suppress(ValueError):
        return datetime.strptime(text, form).time()  # noqa: DTZ007 - the zone is added to it with its day
    return None


def _in_utc(found: datetime, zone: tzinfo) -> datetime:
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # of the year 1 or 9999
        raise ValueError("must be between the years 1900 and 2999") from None
