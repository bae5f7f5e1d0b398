"""What a file tells of a task's past, as facts of the change log that lead to what the task is now.

A file may contradict itself. What it says came after is believed; what it says was before only of the first change of
a field, for each later fact begins where the one before it ended. Where the last change does not lead to the task as
the file has it, one more fact does.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from taskapi.core.change_log.publish import PastFact
from taskapi.core.fields import rfc3339
from taskapi.core.resources.document import Fields
from taskapi.imports import texts, values
from taskapi.imports.known import Known, folded, labels_of, people_of
from taskapi.imports.records import ImportedChange, ImportedTask
from taskapi.tasks import events
from taskapi.tasks.changing import CLOSED

_MOST: Final = 5_000
_CATEGORY: Final = "status_category"


@dataclass(frozen=True, slots=True)
class Past:
    """`closed_at` is when the task was closed for the last time; None: it is open, or nobody knows.

    `made_at` is when it was made, or the earliest that is known of it; None: nothing is.
    """

    changes: Sequence[tuple[ImportedChange, Fields, Fields]]
    closed_at: datetime | None
    made_at: datetime | None


def of(record: ImportedTask, known: Known, category: str) -> Past:
    """The changes that mean something here, each with what was before and after, in the words of the public task."""
    changes = []
    closed_at = record.completed_at
    if not record.history:
        closed_at = closed_at if category in CLOSED else None
        return Past((), closed_at, record.created_at or closed_at)
    for change in sorted(record.history, key=lambda change: change.at)[:_MOST]:
        before, after = _side(change, known, 0), _side(change, known, 1)
        if after:
            changes.append((change, before, after))
            if _CATEGORY in after:
                closed_at = change.at if after[_CATEGORY] in CLOSED else None
    closed_at = closed_at or record.completed_at
    if category not in CLOSED:
        closed_at = None
    known_times = [at for at in (closed_at, *(change.at for change, _, _ in changes[:1])) if at is not None]
    return Past(changes, closed_at, record.created_at or min(known_times, default=None))


def facts(record: ImportedTask, past: Past, final: Fields, known: Known, importer: UUID) -> list[PastFact]:
    """Its making with every field, and then each change, up to the task as it is."""
    maker = known.person(record.created_by)
    actor = importer if past.made_at is None and maker is None else maker
    state = _at_first(past, final, known)
    if state["completed_at"] == final["completed_at"] and not past.changes:
        return [(events.task_created(state), past.made_at, actor)]
    found: list[PastFact] = [(events.task_created(state), past.made_at, actor)]
    for change, _, after in past.changes:
        closing = _closing(state, after, change.at)
        state = _step(found, state, {**after, **closing}, change.at, known.person(change.person))
    last = past.changes[-1][0].at if past.changes else past.closed_at
    _step(found, state, final, last, None if past.changes else actor)
    return found


def _at_first(past: Past, final: Fields, known: Known) -> dict[str, Any]:
    """The task when it was made: of each field that changed, what stood there before the first change."""
    first: dict[str, Any] = {}
    for _, before, _ in past.changes:
        first = {**before, **first}
    state = {**final, **first, "version": 1}
    was_closed_later = past.closed_at is not None and past.made_at is not None and past.made_at < past.closed_at
    if _CATEGORY not in first and was_closed_later and known.starts_in is not None:
        state |= {"status": known.starts_in.key, _CATEGORY: known.starts_in.category}
    if state[_CATEGORY] not in CLOSED:
        state["completed_at"] = None
    elif past.changes and past.made_at is not None:
        state["completed_at"] = rfc3339(past.made_at)
    state["updated_at"] = state["created_at"]
    return state


def _step(
    found: list[PastFact], state: dict[str, Any], after: Mapping[str, Any], at: datetime | None, actor: UUID | None
) -> dict[str, Any]:
    new = {**state, **after}
    fact = events.task_changed(state, new)
    if fact.changes:
        found.append((fact, at, actor))
    return new


def _closing(state: Fields, after: Fields, at: datetime) -> Fields:
    if _CATEGORY not in after or (after[_CATEGORY] in CLOSED) == (state["completed_at"] is not None):
        return {}
    return {"completed_at": rfc3339(at) if after[_CATEGORY] in CLOSED else None}


def _side(change: ImportedChange, known: Known, side: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, sides in change.changes.items():
        read = _READ.get(name)
        if read is not None and len(sides) > side:
            with suppress(ValueError):
                found |= dict(read(sides[side], known))
    return found


def _title(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    if isinstance(said, str) and (title := texts.line(said)[: texts.MAX_TITLE]):
        yield "title", title


def _description(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    if said is None or isinstance(said, str):
        yield "description", said or None


def _status(said: object, known: Known) -> Iterator[tuple[str, Any]]:
    status = known.status(said[:200] if isinstance(said, str) else None)
    if status is not None:
        yield from (("status", status.key), (_CATEGORY, status.category))


def _priority(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    yield "priority", values.priority(str(said or "none")) or "none"


def _assignees(said: object, known: Known) -> Iterator[tuple[str, Any]]:
    found = (known.person(person) for person in people_of(said))
    yield "assignee_ids", list(dict.fromkeys(str(user_id) for user_id in found if user_id is not None))


def _labels(said: object, known: Known) -> Iterator[tuple[str, Any]]:
    found = (known.labels.get(folded(name)) for name in labels_of(said))
    yield "label_ids", list(dict.fromkeys(str(label_id) for label_id in found if label_id is not None))


def _day_of(name: str, said: object) -> Iterator[tuple[str, Any]]:
    day = said if isinstance(said, date) else values.day(str(said or ""), None, UTC)
    yield name, None if day is None else day.isoformat()[:10]


def _start_on(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    yield from _day_of("start_on", said)


def _due_on(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    yield from _day_of("due_on", said)


def _due_at(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    at = said if isinstance(said, datetime) else values.instant(str(said or ""), None, UTC)
    yield "due_at", None if at is None else rfc3339(at)


def _estimate(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    yield "estimate", said if isinstance(said, int | float) else values.estimate(str(said or ""))


def _milestone(said: object, known: Known) -> Iterator[tuple[str, Any]]:
    yield "milestone_id", _plan(said, known.milestones)


def _cycle(said: object, known: Known) -> Iterator[tuple[str, Any]]:
    yield "cycle_id", _plan(said, known.cycles)


def _plan(said: object, ids: Mapping[str, UUID]) -> str | None:
    of_id = ids.get(folded(said)) if isinstance(said, str) else None
    return None if of_id is None else str(of_id)


def _recurrence(said: object, _: Known) -> Iterator[tuple[str, Any]]:
    if said is None or isinstance(said, Mapping):
        yield "recurrence", said


_READ: Final = {
    "title": _title,
    "description": _description,
    "status": _status,
    "priority": _priority,
    "assignees": _assignees,
    "labels": _labels,
    "start_on": _start_on,
    "due_on": _due_on,
    "due_at": _due_at,
    "estimate": _estimate,
    "milestone": _milestone,
    "cycle": _cycle,
    "recurrence": _recurrence,
}
