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
_STEPS = {
    "Open": ("In Progress", "Resolved", "Patch Available"),
    "In Progress": ("Open", "Patch Available", "Resolved"),
    "Patch Available": ("Open", "Resolved"),
    "Resolved": ("Closed", "Reopened"),
    "Closed": ("Reopened",),
    "Reopened": ("Resolved", "Closed"),
}
_PRIORITIES = ("Blocker", "Critical", "Major", "Major", "Major", "Minor", "Trivial")
_START = datetime(2020, 1, 6, 9, tzinfo=UTC)


def lines() -> Iterator[dict[str, Any]]:
    """The same ones each time."""
    chance = random.Random(11)
    people = {f"{first[0]}{last}".lower(): f"{first} {last}" for first in _FIRST_NAMES for last in _LAST_NAMES}
    for number in range(1, _ISSUES + 1):
        yield _line(chance, people, f"{chance.choice(_PROJECTS)}-{number}")


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
        "comments": [{"by": chance.choice(logins), "body": "Seen here too."} for _ in range(chance.randrange(3))],
        "changes": [],
    }
    for _ in range(chance.randrange(10)):
        at += timedelta(minutes=chance.randrange(1, 5000))
        items = [_item(chance, people, line) for _ in range(1)]
        line["changes"].append({"at": at.isoformat(), "by": chance.choice(logins), "items": items})
    return line


def _summary(chance: random.Random) -> str:
    return f"The {chance.choice(_NOUNS)} {chance.choice(_FAULTS)}{chance.choice(('', ' '))}"


def _item(chance: random.Random, people: dict[str, str], line: dict[str, Any]) -> dict[str, Any]:
    """One change, made to `line` too."""
    field = chance.choice(("status", "status", "status", "assignee", "priority", "summary", "description", "duedate"))
    name = "due" if field == "duedate" else field
    before = line[name]
    match field:
        case "status":
            after: str | None = chance.choice(_STEPS[before])
        case "assignee":
            after = chance.choice([None, *sorted(people)])
        case "priority":
            after = chance.choice(_PRIORITIES)
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
