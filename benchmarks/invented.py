"""Issues that nobody wrote, in the shape `tracker.py` reads: for a replay where there is no file."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_ISSUES = 300
_PROJECTS = ("ATLAS", "BEACON", "CEDAR", "DELTA2")
_FIRST_NAMES = ("Ada", "Bela", "Chidi", "Dana", "Emil", "Farah", "Goran", "Hana")
_LAST_NAMES = ("Marsh", "Okafor", "Petrov", "Quist", "Rossi", "Sato")
_NOUNS = ("login form", "export", "search index", "invoice page", "mail digest", "calendar feed", "upload dialog")
_FAULTS = ("fails on empty input", "is slow with many rows", "shows the wrong date", "should remember its filter")
_LABELS = ("ios", "beginner", "regression", "Docs")
_COMPONENTS = ("iOS", "Docs", "Command line")
_VERBS = {"Blocker": ("blocks", "is blocked by"), "Reference": ("relates to", "is related to")}
_STEPS = {
    "Open": ("In Progress", "Resolved", "Patch Available"),
    "In Progress": ("Open", "Patch Available", "Resolved"),
    "Patch Available": ("Open", "Resolved"),
    "Resolved": ("Closed", "Reopened"),
    "Closed": ("Reopened",),
    "Reopened": ("Resolved", "Closed"),
}
_CHANGED = (
    *("status", "status", "status", "assignee", "priority", "summary", "description", "duedate", "labels"),
    "timeoriginalestimate",
)
_PRIORITIES = ("Blocker", "Critical", "Major", "Major", "Major", "Minor", "Trivial")
_COMMENTED, _LINKED, _LINKED_LATER, _PART_OF_ANOTHER = 0.2, 0.3, 0.5, 0.2
"""How likely each is."""
_START = datetime(2020, 1, 6, 9, tzinfo=UTC)


def lines() -> Iterator[dict[str, Any]]:
    """The same ones each time."""
    chance = random.Random(11)
    people = {f"{first[0]}{last}".lower(): f"{first} {last}" for first in _FIRST_NAMES for last in _LAST_NAMES}
    found: list[dict[str, Any]] = []
    for number in range(1, _ISSUES + 1):
        line = _line(chance, people, f"{chance.choice(_PROJECTS)}-{number}")
        if found and chance.random() < _LINKED:
            _link(chance, line, chance.choice(found))
        others = [other for other in found if _project(other) == _project(line) and other["parent"] is None]
        if others and chance.random() < _PART_OF_ANOTHER:
            line["parent"] = chance.choice(others)["key"]
        found.append(line)
    yield from found


def _project(line: dict[str, Any]) -> str:
    return str(line["key"]).partition("-")[0]


def _link(chance: random.Random, line: dict[str, Any], other: dict[str, Any]) -> None:
    """Told by both; made by somebody at some time, or there from the beginning."""
    kind = chance.choice(sorted(_VERBS))
    line["links"].append({"type": kind, "to": other["key"], "from": None})
    other["links"].append({"type": kind, "to": None, "from": line["key"]})
    if chance.random() < _LINKED_LATER:
        at, by = (_START + timedelta(days=3000)).isoformat(), line["reporter"]
        for one, words, another in zip((line, other), _VERBS[kind], (other, line), strict=True):
            item = {"field": "Link", "from": None, "to": f"This issue {words} {another['key']}"}
            one["changes"].append({"at": at, "by": by, "items": [item]})


def _line(chance: random.Random, people: dict[str, str], key: str) -> dict[str, Any]:
    logins = sorted(people)
    at = _START + timedelta(hours=chance.randrange(20_000))
    line: dict[str, Any] = {
        "key": key,
        "summary": _summary(chance),
        "description": chance.choice((None, f"Steps:\r\n1. open it\r\n2. {_summary(chance)}\r\n\r\nÜberall gleich. ✓")),
        "status": "Open",
        "priority": chance.choice(_PRIORITIES),
        "reporter": chance.choice(logins),
        "assignee": chance.choice([None, *logins]),
        "due": None,
        "created": at.isoformat(),
        "labels": chance.sample(_LABELS, chance.randrange(3)),
        "components": chance.sample(_COMPONENTS, chance.randrange(2)),
        "parent": None,
        "links": [],
        "estimate_seconds": chance.choice((None, None, 3600, 86_400)),
        "comments": [],
        "changes": [],
    }
    for _ in range(chance.randrange(10)):
        at += timedelta(minutes=chance.randrange(1, 5000))
        if chance.random() < _COMMENTED:
            body = f"Seen here too, {chance.choice(_FAULTS)}."
            line["comments"].append({"at": at.isoformat(), "by": chance.choice(logins), "body": body})
            continue
        items = [_item(chance, people, line) for _ in range(1)]
        line["changes"].append({"at": at.isoformat(), "by": chance.choice(logins), "items": items})
    return line


def _summary(chance: random.Random) -> str:
    return f"The {chance.choice(_NOUNS)} {chance.choice(_FAULTS)}{chance.choice(('', ' '))}"


def _item(chance: random.Random, people: dict[str, str], line: dict[str, Any]) -> dict[str, Any]:
    """One change, made to `line` too."""
    field = chance.choice(_CHANGED)
    if field == "labels":
        return _labelled(chance, line)
    name = {"duedate": "due", "timeoriginalestimate": "estimate_seconds"}.get(field, field)
    before = line[name]
    match field:
        case "status":
            after: str | None = chance.choice(_STEPS[before])
        case "assignee":
            after = chance.choice([None, *sorted(people)])
        case "priority":
            after = chance.choice(_PRIORITIES)
        case "timeoriginalestimate":
            after = str(3600 * chance.randrange(1, 40))
        case "duedate":
            after = f"202{chance.randrange(10)}-02-{chance.randrange(10, 29)}"
        case _:
            after = _summary(chance)
    line[name] = after
    if field == "assignee":
        return {"field": field, "from": people.get(before or ""), "to": people.get(after or "")}
    if field == "duedate":
        return {"field": field, "from": before and f"{before} 00:00:00.0", "to": f"{after} 00:00:00.0"}
    return {"field": field, "from": before, "to": after}


def _labelled(chance: random.Random, line: dict[str, Any]) -> dict[str, Any]:
    """Of labels the whole list is told, of components the one that came or went."""
    if chance.random() < 0.5:
        before, line["labels"] = line["labels"], chance.sample(_LABELS, chance.randrange(4))
        return {"field": "labels", "from": " ".join(before), "to": " ".join(line["labels"])}
    component = chance.choice(_COMPONENTS)
    if component in line["components"]:
        line["components"] = [one for one in line["components"] if one != component]
        return {"field": "Component", "from": component, "to": None}
    line["components"] = [*line["components"], component]
    return {"field": "Component", "from": None, "to": component}
