"""What comes again, as a task has it: for readers of files that say by which rule."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime

from taskapi.tasks.recurrence import occurrences
from taskapi.tasks.recurrence.occurrences import Dates
from taskapi.tasks.recurrence.schemas import RecurrenceSet
from taskapi.tasks.schemas import RecurrenceMode


def series(
    rule: str, zone: str, due_on: date | None, due_at: datetime | None, *, after_done: bool = False
) -> Mapping[str, object] | None:
    """None where a task could not have it: without a due date, or by a rule that names no further day."""
    if due_on is None and due_at is None:
        return None
    mode = RecurrenceMode.COMPLETION if after_done else RecurrenceMode.SCHEDULE
    dates = Dates(None, due_on if due_at is None else None, due_at)
    with suppress(ValueError, OverflowError):
        wanted = RecurrenceSet(rule=rule, mode=mode)
        recurrence: dict[str, object] = {
            "rule": wanted.rule,
            "mode": wanted.mode.value,
            "exdates": [],
            "timezone": zone,
            "occurrence": 1,
            "time_of_day": None,
        }
        if occurrences.following(recurrence, dates, datetime.now(UTC)) is not None:
            return {**recurrence, "time_of_day": occurrences.time_of_day(recurrence, dates)}
    return None
