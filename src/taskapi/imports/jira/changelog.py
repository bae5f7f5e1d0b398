"""An issue's changelog as changes of a task, each with its own time and person."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final

from taskapi.imports import texts, values
from taskapi.imports.histories import Item, Step
from taskapi.imports.jira import prose
from taskapi.imports.jira.people import People
from taskapi.imports.objects import Object
from taskapi.imports.records import ImportedPerson

SETS: Final = frozenset({"labels"})
_POINTS: Final = frozenset({"story points", "story point estimate"})
_DAY: Final = len("2014-08-15")


@dataclass(frozen=True, slots=True)
class Now:
    """How the issue ends, as far as that says how its history is to be read."""

    description: str | None
    """As a task has it."""
    written: str | None
    """As it stands in the issue, which is how its history writes it too."""
    in_points: bool


@dataclass(frozen=True, slots=True)
class _End:
    """What a field was, or became: the id of it and its name, or one of both."""

    id: str | None
    text: str | None
    people: People
    now: Now


def steps(issue: Object, people: People, now: Now) -> Iterator[Step]:
    log = issue.part("changelog")
    for change in log.parts("histories") if log else ():
        at = change.instant("created")
        items = [item for found in change.parts("items") if (item := _item(found, people, now)) is not None]
        author = people.of(change.part("author"))
        if at is not None and items:
            yield Step(at, author, items)


def _item(item: Object, people: People, now: Now) -> Item | None:
    theirs = (item.text("field") or "").casefold()
    known = _READ.get(theirs)
    if known is None or (known[0] == "estimate" and (theirs in _POINTS) is not now.in_points):
        return None
    ours, read = known
    before = _End(item.id("from"), item.text("fromString"), people, now)
    after = _End(item.id("to"), item.text("toString"), people, now)
    return ours, read(before), read(after)


def _title(end: _End) -> str | None:
    return texts.title_and_prose(end.text, None)[0] or None if end.text else None


def _description(end: _End) -> str | None:
    """A text that is the present one became what the task has: with its files, and not as it was written."""
    if end.text is None:
        return None
    return end.now.description if end.text == end.now.written else prose.of_wiki(end.text)


def _status(end: _End) -> str | None:
    return texts.name(end.text) or None if end.text else None


def _priority(end: _End) -> str:
    return priority_of(end.text) or "none"


def _day(end: _End) -> date | None:
    with suppress(ValueError):
        text = end.id or end.text
        return values.day(text[:_DAY], None, UTC) if text else None
    return None


def _assignees(end: _End) -> tuple[ImportedPerson, ...]:
    person = end.people.named(end.id, end.text)
    return (person,) if person else ()


def _labels(end: _End) -> tuple[str, ...]:
    return tuple(end.text.split()) if end.text else ()


def _component(end: _End) -> tuple[str, ...]:
    return (texts.name(end.text),) if end.text else ()


def _minutes(end: _End) -> float | None:
    return _estimate(end.id or end.text, 60)


def _points(end: _End) -> float | None:
    return _estimate(end.text, 1)


def _parent(end: _End) -> str | None:
    return end.text


def _estimate(text: str | None, divisor: int) -> float | None:
    with suppress(ValueError):
        found = values.number(text) if text else None
        return None if found is None else values.estimate(str(found / divisor))
    return None


def priority_of(name: str | None) -> str | None:
    if not name:
        return None
    known = _PRIORITIES.get(name.casefold())
    if known is None:
        with suppress(ValueError):
            known = values.priority(name)
    return known


_PRIORITIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("blocker", "highest"), "urgent"),
    **dict.fromkeys(("critical", "high"), "high"),
    **dict.fromkeys(("major", "medium"), "medium"),
    **dict.fromkeys(("minor", "low"), "low"),
    **dict.fromkeys(("trivial", "lowest"), "none"),
}
_READ: Final[Mapping[str, tuple[str, Callable[[_End], Any]]]] = {
    "summary": ("title", _title),
    "description": ("description", _description),
    "status": ("status", _status),
    "priority": ("priority", _priority),
    "duedate": ("due_on", _day),
    "assignee": ("assignees", _assignees),
    "labels": ("labels", _labels),
    "component": ("labels", _component),
    "timeoriginalestimate": ("estimate", _minutes),
    **dict.fromkeys(_POINTS, ("estimate", _points)),
    **dict.fromkeys(("parent", "issueparentassociation", "epic link"), ("parent", _parent)),
}
