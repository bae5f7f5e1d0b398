"""Whose words a filter is in: who `me` is, and when "today" is. What depends on that alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from taskapi.tasks.filters.ast import And, Clause, Filter, Not, Operator
from taskapi.tasks.filters.moments import Moment, days_after
from taskapi.tasks.filters.schemas import DueIn

OPEN: Final = Clause("open", Operator.HOLDS)
BLOCKED: Final = Clause("blocked", Operator.HOLDS)
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Without `me` nobody is known by name either: a share link shows people as ids."""

    now: datetime
    zone: ZoneInfo
    me: UUID | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def overdue(seen_from: Standpoint) -> Filter:
    """Late is what was due before today, or at an instant that is past."""
    return And((OPEN, Clause("due", Operator.BEFORE, (Moment(seen_from.today, seen_from.now),))))


def dues(seen_from: Standpoint) -> Mapping[DueIn, Filter]:
    """When tasks are due, in groups: each task is in one of them."""
    today, tomorrow, next_week = (
        Moment.of_day(days_after(seen_from.today, days), seen_from.zone) for days in (0, 1, _WEEK + 1)
    )
    late = overdue(seen_from)
    return {
        DueIn.OVERDUE: late,
        DueIn.TODAY: And((*_between(today, tomorrow), Not(late))),
        DueIn.NEXT_7_DAYS: And(_between(tomorrow, next_week)),
        DueIn.LATER: Clause("due", Operator.SINCE, (next_week,)),
        DueIn.NONE: Clause("due", Operator.EMPTY),
        DueIn.PAST: And((Clause("due", Operator.BEFORE, (today,)), Not(OPEN))),
    }


def _between(begins: Moment, ends: Moment) -> tuple[Filter, ...]:
    return Clause("due", Operator.SINCE, (begins,)), Clause("due", Operator.BEFORE, (ends,))
