"""When a task of Todoist is due: a day, an instant, or words such as `every 2 weeks`."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taskapi.imports import values
from taskapi.imports.records import Reading
from taskapi.tasks.quick import parsing

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class When:
    """`repeats` is an RRULE where the words were understood, else the words."""

    due_on: date | None = None
    due_at: datetime | None = None
    repeats: str | None = None
    is_understood: bool = True


def zone_of(name: str | None, reading: Reading) -> ZoneInfo:
    """The one that is named, else that of the import, else UTC."""
    for candidate in (name, reading.options.get("timezone")):
        if isinstance(candidate, str) and candidate:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                return ZoneInfo(candidate)
    return ZoneInfo("UTC")


def exact(text: str, zone: tzinfo) -> When | None:
    try:
        found = values.moment(text, None, zone)
    except ValueError:
        return None
    return When(due_at=found) if isinstance(found, datetime) else When(due_on=found)


def worded(text: str, language: str | None, zone: ZoneInfo, now: datetime) -> When:
    """What quick add understands, where it understands all of it; days without a year are counted from `now`."""
    found = exact(text, zone)
    if found is not None:
        return found
    if (language or "en").startswith("en") and len(text) <= _LONGEST:
        understood = parsing.parse(text, now, zone, parsing.Known())
        recurrence = understood.recurrence
        if not understood.title and (understood.due_on or understood.due_at or recurrence):
            return When(understood.due_on, understood.due_at, recurrence.rule if recurrence else None)
    return When(repeats=text, is_understood=False)


def rule_of(text: str, language: str | None) -> str:
    """The rule that the words of a recurring date say; the words themselves where they are not understood."""
    return worded(text, language, ZoneInfo("UTC"), datetime.now(UTC)).repeats or text
