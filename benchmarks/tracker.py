"""Reads the issues of another tracker, one JSON object a line, as tasks of ours and the steps they went through.

    {key, summary, description, status, priority, reporter, assignee, due, comments[{by}],
     changes[{at, by, items[{field, from, to}]}], …}

A line shows how its issue ended; how it began is found by undoing its changes from there. What maps to what:

| theirs | ours |
|---|---|
| key `DIRECTMEMORY-7` | project `DIRECTMEMO`: ten characters at most |
| summary | title, on one line, without spaces around it |
| Open, Reopened | todo |
| In Progress, Patch Available | in_progress |
| Resolved, Closed | done |
| Blocker, Critical, Major, Minor, Trivial | urgent, high, medium, low, none |
| duedate `2014-08-15 00:00:00.0` | due_on `2014-08-15` |
| assignee, by name in changes and by login elsewhere | the one assignee |

So a step from Resolved to Closed changes nothing here, and must leave no trace.
"""

import gzip
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

State = dict[str, str | None]
"""title, description, status, priority, due_on and assignee (a person)."""

_FIELDS: Final = {
    "summary": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "duedate": "due_on",
    "assignee": "assignee",
}
_STATUSES: Final = {
    "Open": "todo",
    "Reopened": "todo",
    "In Progress": "in_progress",
    "Patch Available": "in_progress",
    "Resolved": "done",
    "Closed": "done",
}
_MAX_PROJECT_KEY: Final = 10
_PRIORITIES: Final = {"Blocker": "urgent", "Critical": "high", "Major": "medium", "Minor": "low", "Trivial": "none"}


@dataclass(frozen=True, slots=True)
class Step:
    """What one person changed at one time."""

    person: str
    changes: State


@dataclass(frozen=True, slots=True)
class Issue:
    key: str
    project: str
    reporter: str
    initial: State
    steps: tuple[Step, ...]
    final: State


@dataclass(frozen=True, slots=True)
class History:
    people: tuple[str, ...]
    issues: tuple[Issue, ...]


def read(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file, compressed or not."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for line in content.splitlines():
        yield json.loads(line)


def understand(lines: Iterable[Mapping[str, Any]]) -> History:
    found = list(lines)
    logins = _logins(found)
    people = _Names(found, logins)
    issues = tuple(_issue(line, people) for line in found)
    named = {person for issue in issues for step in issue.steps if (person := step.changes.get("assignee"))}
    named |= {person for issue in issues if (person := issue.initial["assignee"])}
    return History(tuple(sorted(logins | named)), issues)


def _logins(lines: Iterable[Mapping[str, Any]]) -> set[str]:
    """Everybody who reported, was assigned in the end, commented or changed something."""
    logins = set()
    for line in lines:
        logins |= {line["reporter"], line["assignee"]}
        logins |= {comment["by"] for comment in line["comments"]} | {change["by"] for change in line["changes"]}
    return logins - {None}


class _Names:
    """Whose login a full name is.

    An issue whose last assignee is known by both tells; else a login made of the name's parts; else it is somebody
    of whom there is only a name.
    """

    def __init__(self, lines: Iterable[Mapping[str, Any]], logins: Iterable[str]) -> None:
        self._logins = {_letters(login): login for login in sorted(logins)}
        self._known: dict[str, str] = {}
        for line in lines:
            assigned = [
                item["to"] for change in line["changes"] for item in change["items"] if item["field"] == "assignee"
            ]
            if assigned and assigned[-1] and line["assignee"]:
                self._known[assigned[-1]] = line["assignee"]

    def login(self, name: str) -> str:
        if name not in self._known:
            likely = (self._logins[guess] for guess in _guesses(name) if guess in self._logins)
            self._known[name] = next(likely, name)
        return self._known[name]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _guesses(name: str) -> list[str]:
    """`Ada Marsh` may be adamarsh, amarsh, ada or adam."""
    words = [_letters(word) for word in name.split()]
    first, last = words[0], words[-1]
    return ["".join(words), first[:1] + last, first + last, first, first + last[:1]]


def _issue(line: Mapping[str, Any], people: _Names) -> Issue:
    final = {ours: _ours(ours, line[theirs]) for theirs, ours in {**_FIELDS, "due": "due_on"}.items() if theirs in line}
    steps = tuple(_steps(line, people))
    initial = dict(final)
    for change in reversed(_in_order(line)):
        for item in reversed(change["items"]):
            if (field := _FIELDS.get(item["field"])) is not None:
                initial[field] = _value(field, item["from"], people)
    expected = dict(initial)
    for step in steps:
        expected |= step.changes
    if expected != final:
        raise ValueError(f"the changes of {line['key']} do not lead to its final state")
    return Issue(
        line["key"], line["key"].rpartition("-")[0][:_MAX_PROJECT_KEY], line["reporter"], initial, steps, final
    )


def _steps(line: Mapping[str, Any], people: _Names) -> Iterator[Step]:
    for change in _in_order(line):
        changes = {
            field: _value(field, item["to"], people)
            for item in change["items"]
            if (field := _FIELDS.get(item["field"])) is not None
        }
        if changes:
            yield Step(change["by"], changes)


def _in_order(line: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(line["changes"], key=lambda change: str(change["at"]))


def _value(field: str, theirs: str | None, people: _Names) -> str | None:
    """Of a change, which names people in full."""
    return people.login(theirs) if field == "assignee" and theirs else _ours(field, theirs)


def _ours(field: str, theirs: str | None) -> str | None:
    if theirs is None:
        return None
    match field:
        case "title":
            return "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in theirs).strip()
        case "status":
            return _STATUSES[theirs]
        case "priority":
            return _PRIORITIES[theirs]
        case "due_on":
            return theirs[: len("2014-08-15")]
        case _:
            return theirs
