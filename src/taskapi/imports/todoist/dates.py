"""When a task of Todoist is due: a day, an instant, or words such as `every 2 weeks`."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from taskapi.imports import recurring, values
from taskapi.imports.records import Reading
from taskapi.tasks.quick import parsing
from taskapi.tasks.quick.recurring import Recurrence

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class When:
    """`words` are those of a date that recurs, or that was not understood; `recurs` is what they say, if they were."""

    due_on: date | None = None
    due_at: datetime | None = None
    words: str | None = None
    recurs: Recurrence | None = None
    zone: str = "UTC"

    @property
    def is_understood(self) -> bool:
        return self.words is None or self.recurs is not None

    def series(self) -> Mapping[str, object] | None:
        """As a task has it; None where it does not recur, or in a way that no rule tells."""
        if self.recurs is None:
            return None
        after_done = self.recurs.from_completion
        return recurring.series(self.recurs.rule, self.zone, self.due_on, self.due_at, after_done=after_done)


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
            words = text if recurrence else None
            return When(understood.due_on, understood.due_at, words, recurrence, zone.key)
    return When(words=text, zone=zone.key)


def recurring_on(found: When | None, text: str, language: str | None, zone: ZoneInfo) -> When:
    """The day that was found, and what the words of its recurring date say beside it."""
    said = worded(text, language, zone, datetime.now(UTC))
    day = found or When()
    return When(day.due_on, day.due_at, text, said.recurs, zone.key)
