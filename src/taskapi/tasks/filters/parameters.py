"""The query parameters of a list of tasks as a filter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from taskapi.core.http import references
from taskapi.core.http.references import ById
from taskapi.tasks.filters.ast import And, Clause, Filter, Not, Operator, Or
from taskapi.tasks.filters.moments import Moment, day_after, start_of
from taskapi.tasks.schemas import TaskConditions

_OPEN: Final = Clause("open", Operator.HOLDS)
_BLOCKED: Final = Clause("blocked", Operator.HOLDS)
_TICK: Final = timedelta(microseconds=1)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Whose words the parameters are: who `me` is, and when "today" is."""

    now: datetime
    zone: ZoneInfo
    me: UUID | None = None


def asks_for_days(params: TaskConditions) -> bool:
    """Whether it matters in which time zone the answer is."""
    asked = (params.due_before, params.due_after, params.overdue, params.date)
    return any(value is not None for value in asked)


def filter_of(params: TaskConditions, seen_from: Standpoint) -> Filter:
    """Each parameter narrows what the others leave; the values of one widen each other."""
    return And(tuple(_clauses(params, seen_from)))


def _clauses(params: TaskConditions, seen_from: Standpoint) -> Iterator[Filter]:
    for name in ("status", "status_category", "priority"):
        if chosen := getattr(params, name):
            yield Clause(name, Operator.ANY_OF, _each_once(chosen))
    if params.assignee:
        yield _assignee(params.assignee, seen_from)
    if params.creator:
        yield Clause("creator", Operator.ANY_OF, _people(params.creator, seen_from))
    if params.parent is not None:
        yield _parent(params.parent)
    if params.open is not None:
        yield _OPEN if params.open else Not(_OPEN)
    if params.blocked is not None:
        yield _BLOCKED if params.blocked else Not(_BLOCKED)
    yield from _days(params, seen_from)
    if params.updated_since is not None:
        yield Clause("updated", Operator.SINCE, (params.updated_since,))
    if params.q is not None:
        yield Clause("text", Operator.MATCHES, (params.q,))


def _days(params: TaskConditions, seen_from: Standpoint) -> Iterator[Filter]:
    zone = seen_from.zone
    if params.due_before is not None:
        yield Clause("due", Operator.BEFORE, (_beginning(params.due_before, zone),))
    if params.due_after is not None:
        yield Clause("due", Operator.SINCE, (_end(params.due_after, zone),))
    if params.overdue is not None:
        overdue = And((_OPEN, Clause("due", Operator.BEFORE, (_today(seen_from),))))
        yield overdue if params.overdue else Not(overdue)
    if params.date is not None:
        yield _on(params.date, zone)


def _on(day: date, zone: ZoneInfo) -> Filter:
    """Due that day; or begun by then, and neither past its due date nor, without one, completed before."""
    begins, ends = Moment.of_day(day, zone), Moment.of_day(day_after(day), zone)
    is_not_past = Clause("due", Operator.SINCE, (begins,))
    is_due = And((is_not_past, Clause("due", Operator.BEFORE, (ends,))))
    completed_since = Clause("completed", Operator.SINCE, (start_of(day, zone),))
    is_not_completed = Or((completed_since, Clause("completed", Operator.EMPTY)))
    lasts = Or((is_not_past, And((Clause("due", Operator.EMPTY), is_not_completed))))
    return Or((is_due, And((Clause("start", Operator.BEFORE, (ends.day,)), lasts))))


def _beginning(when: date | datetime, zone: ZoneInfo) -> Moment:
    return Moment.of_instant(when, zone) if isinstance(when, datetime) else Moment.of_day(when, zone)


def _end(when: date | datetime, zone: ZoneInfo) -> Moment:
    """What is after a day begins with the next one; what is after an instant, a tick later."""
    if isinstance(when, datetime):
        return Moment.of_instant(when + _TICK, zone)
    return Moment.of_day(day_after(when), zone)


def _today(seen_from: Standpoint) -> Moment:
    """Late is what was due before today, or at an instant that is past."""
    return Moment(seen_from.now.astimezone(seen_from.zone).date(), seen_from.now)


def _assignee(chosen: Sequence[str], seen_from: Standpoint) -> Filter:
    people = _people([value for value in chosen if value != "none"], seen_from)
    some_of_them = Clause("assignee", Operator.ANY_OF, people)
    nobody = Clause("assignee", Operator.EMPTY)
    if "none" not in chosen:
        return some_of_them
    return Or((some_of_them, nobody)) if people else nobody


def _people(chosen: Sequence[str], seen_from: Standpoint) -> tuple[UUID, ...]:
    ids = [seen_from.me if value == "me" else UUID(value) for value in chosen]
    return _each_once([user_id for user_id in ids if user_id is not None])


def _each_once(values: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))


def _parent(name: str) -> Filter:
    if name == "none":
        return Clause("parent", Operator.EMPTY)
    reference = references.task(name)
    if isinstance(reference, ById):
        return Clause("parent", Operator.ANY_OF, (reference.id,))
    return Clause("parent_key", Operator.ANY_OF, (reference,))
