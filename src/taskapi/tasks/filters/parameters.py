"""The query parameters of a list of tasks as a filter."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from taskapi.core.http import references
from taskapi.core.http.references import ById
from taskapi.tasks.filters.ast import And, Clause, Filter, Not, Operator, Or
from taskapi.tasks.filters.meaning import filter_in
from taskapi.tasks.filters.moments import Moment, day_after, start_of
from taskapi.tasks.filters.names import NAMES, Name
from taskapi.tasks.filters.schemas import PERSON, TaskConditions
from taskapi.tasks.filters.standpoint import BLOCKED, OPEN, Standpoint, dues, overdue

_NONE: Final = "none"
_ID: Final = re.compile(PERSON)
_TICK: Final = timedelta(microseconds=1)
_T = TypeVar("_T")


def asks_for_days(params: TaskConditions) -> bool:
    """Whether it matters in which time zone the answer is."""
    asked = (params.due_before, params.due_after, params.overdue, params.date)
    return bool(params.due or params.filter or "current" in params.cycle) or any(value is not None for value in asked)


def filter_of(params: TaskConditions, seen_from: Standpoint, names: Mapping[str, Name] = NAMES) -> Filter:
    """Each parameter narrows what the others leave; the values of one widen each other."""
    tree = And(tuple(_clauses(params, seen_from)))
    return narrowed(tree, filter_in(params.filter, seen_from, "/query/filter", names)) if params.filter else tree


def narrowed(tree: Filter, by: Filter) -> Filter:
    """Both in one AND, not nested: what must hold decides along which index tasks are read."""
    return And((*_parts(tree), *(_by_index(part) for part in _parts(by))))


def _parts(tree: Filter) -> tuple[Filter, ...]:
    return tree.parts if isinstance(tree, And) else (tree,)


def _by_index(part: Filter) -> Filter:
    """When it was changed has an index in the table beside, of use to a condition that must hold."""
    if isinstance(part, Clause) and part.field == "changed" and part.operator is Operator.SINCE:
        return Clause("updated", part.operator, part.values)
    return part


def _clauses(params: TaskConditions, seen_from: Standpoint) -> Iterator[Filter]:
    for name in ("status", "status_category", "priority"):
        if chosen := getattr(params, name):
            yield Clause(name, Operator.ANY_OF, _each_once(chosen))
    yield from _people_and_parent(params, seen_from)
    yield from _marks(params, seen_from)
    if params.open is not None:
        yield OPEN if params.open else Not(OPEN)
    if params.blocked is not None:
        yield BLOCKED if params.blocked else Not(BLOCKED)
    yield from _days(params, seen_from)
    if params.updated_since is not None:
        yield Clause("updated", Operator.SINCE, (params.updated_since,))
    if params.q is not None:
        yield Clause("text", Operator.MATCHES, (params.q,))


def _people_and_parent(params: TaskConditions, seen_from: Standpoint) -> Iterator[Filter]:
    if params.assignee:
        yield _assignee(params.assignee, seen_from)
    if params.creator:
        yield Clause("creator", Operator.ANY_OF, _people(params.creator, seen_from))
    if params.parent is not None:
        yield _parent(params.parent)


def _marks(params: TaskConditions, seen_from: Standpoint) -> Iterator[Filter]:
    if params.label:
        yield _label(params.label)
    if params.milestone:
        yield _plan("milestone", params.milestone)
    if params.cycle:
        today = Clause("cycle_day", Operator.HOLDS, (seen_from.today,))
        yield _plan("cycle", params.cycle, *([today] if "current" in params.cycle else []))


def _days(params: TaskConditions, seen_from: Standpoint) -> Iterator[Filter]:
    zone = seen_from.zone
    if params.due_before is not None:
        yield Clause("due", Operator.BEFORE, (_beginning(params.due_before, zone),))
    if params.due_after is not None:
        yield Clause("due", Operator.SINCE, (_end(params.due_after, zone),))
    if params.overdue is not None:
        late = overdue(seen_from)
        yield late if params.overdue else Not(late)
    if params.due:
        groups = dues(seen_from)
        yield Or(tuple(groups[due] for due in _each_once(params.due)))
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


def _assignee(chosen: Sequence[str], seen_from: Standpoint) -> Filter:
    people = _people([value for value in chosen if value != "none"], seen_from)
    some_of_them = Clause("assignee", Operator.ANY_OF, people)
    nobody = Clause("assignee", Operator.EMPTY)
    if "none" not in chosen:
        return some_of_them
    return Or((some_of_them, nobody)) if people else nobody


def _label(chosen: Sequence[str]) -> Filter:
    ids = _each_once([UUID(value) for value in chosen if _ID.fullmatch(value)])
    names = [value for value in chosen if value != _NONE and not _ID.fullmatch(value)]
    return _some_of(
        *([Clause("label", Operator.ANY_OF, ids)] if ids else []),
        *([Clause("label_name", Operator.ANY_OF, _each_once(names))] if names else []),
        *([Clause("label", Operator.EMPTY)] if _NONE in chosen else []),
    )


def _plan(field: str, chosen: Sequence[str], *others: Filter) -> Filter:
    ids = _each_once([UUID(value) for value in chosen if _ID.fullmatch(value)])
    return _some_of(
        *([Clause(field, Operator.ANY_OF, ids)] if ids else []),
        *([Clause(field, Operator.EMPTY)] if _NONE in chosen else []),
        *others,
    )


def _some_of(*parts: Filter) -> Filter:
    return parts[0] if len(parts) == 1 else Or(parts)


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
