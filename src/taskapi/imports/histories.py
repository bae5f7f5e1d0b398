"""What happened to a task elsewhere, made to agree with itself: each change begins where the one before it ended.

Trackers forget changes, write some twice, and name what they renamed since. What they say of a task now is true; what
they say of its past is replayed from the beginning that undoing it leads to. A change that contradicts what came before
begins with what came before; where the last one does not end in what is true now, a change by nobody ends there.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from taskapi.imports.records import ImportedChange, ImportedPerson, ImportedTask

State: TypeAlias = dict[str, Any]
Item: TypeAlias = tuple[str, Any, Any]
"""Which field, from what, to what."""
_FIELDS: Final = (
    *("title", "description", "status", "priority", "assignees", "labels", "start_on", "due_on", "due_at"),
    *("estimate", "parent"),
)
_NEVER_NONE: Final = frozenset({"title", "status"})


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did at one time."""

    at: datetime
    person: ImportedPerson | None
    items: Sequence[Item]


def with_history(
    task: ImportedTask, steps: Iterable[Step], ended_at: datetime | None, sets: AbstractSet[str]
) -> ImportedTask:
    """The task with the changes that lead to what it is, oldest first.

    The fields of `sets` hold several values, as a tuple: an item of theirs says which of them went and which came.
    """
    return replace(task, history=_mended({field: getattr(task, field) for field in _FIELDS}, steps, ended_at, sets))


def _mended(
    final: Mapping[str, Any], steps: Iterable[Step], ended_at: datetime | None, sets: AbstractSet[str]
) -> list[ImportedChange]:
    spelled = {field: {_key(value): value for value in final[field]} for field in sets}
    ordered = [
        Step(step.at, step.person, _together(step.items, spelled)) for step in sorted(steps, key=lambda step: step.at)
    ]
    state = _undone(final, ordered, sets)
    changes = []
    for step in ordered:
        changed: dict[str, list[object]] = {}
        for field, before, after in step.items:
            value = _after(state[field], before, after) if field in sets else after
            if value is None and field in _NEVER_NONE:
                continue
            changed[field] = [changed[field][0] if field in changed else state[field], value]
            state[field] = value
        told = {field: pair for field, pair in changed.items() if not _same(pair[0], pair[1])}
        if told:
            changes.append(ImportedChange(step.at, step.person, told))
    rest = {field: [state[field], value] for field, value in final.items() if not _same(state[field], value)}
    if rest and ordered:
        last = ordered[-1].at
        changes.append(ImportedChange(max(last, ended_at or last), None, rest))
    return _ended(changes, final, sets)


def _undone(final: Mapping[str, Any], ordered: Sequence[Step], sets: AbstractSet[str]) -> State:
    state = dict(final)
    for step in reversed(ordered):
        for field, before, after in reversed(step.items):
            value = _after(state[field], after, before) if field in sets else before
            if value is not None or field not in _NEVER_NONE:
                state[field] = value
    return state


def _ended(changes: list[ImportedChange], final: Mapping[str, Any], sets: AbstractSet[str]) -> list[ImportedChange]:
    """The last change of a set has it in the order that it has now, so that replaying leads to just that."""
    left = set(sets)
    for place in reversed(range(len(changes))):
        for field in left & changes[place].changes.keys():
            change = changes[place]
            before, _ = change.changes[field]
            changes[place] = replace(change, changes={**change.changes, field: [before, final[field]]})
            left.discard(field)
    return changes


def _together(items: Sequence[Item], spelled: Mapping[str, Mapping[Any, Any]]) -> list[Item]:
    """What went and what came of a set at one time, in one item: in which order they were noted means nothing.

    `spelled` has the sets' values as they are written now, where they are there now.
    """
    found = [item for item in items if item[0] not in spelled]
    for field in dict.fromkeys(item[0] for item in items if item[0] in spelled):
        own, known = [item for item in items if item[0] == field], spelled[field]
        gone, come = [tuple(known.get(_key(value), value) for item in own for value in item[end]) for end in (1, 2)]
        found.append((field, gone, come))
    return found


def _after(values: Sequence[Any], gone: Sequence[Any], come: Sequence[Any]) -> tuple[Any, ...]:
    went, came = {_key(value) for value in gone}, {_key(value) for value in come}
    left = [value for value in values if _key(value) not in went or _key(value) in came]
    known = {_key(value) for value in left}
    return (*left, *{_key(value): value for value in come if _key(value) not in known}.values())


def _same(one: object, other: object) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return {_key(value) for value in one} == {_key(value) for value in other}
    return one == other


def _key(value: Any) -> Any:  # noqa: ANN401 - a name or a person
    """Labels of a project differ in more than the case of their letters."""
    return value.casefold() if isinstance(value, str) else value
