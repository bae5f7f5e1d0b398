"""Reads the issues of another tracker, one JSON object a line, as tasks of ours and the steps they went through.

    {key, summary, description, status, priority, reporter, assignee, due, comments[{by}],
     changes[{at, by, items[{field, from, to}]}], …}

A line shows how its issue ended; how it began is found by undoing its changes from there. What maps to what:

| theirs | ours |
|---|---|
| key `DIRECTMEMORY-7` | project `DIRECTMEMO`: ten capitals and digits at most |
| summary | title, on one line, without spaces around it |
| status | as `status_of` says: as told, as known (Open, In Progress, Closed, …), or a guess from its words |
| Blocker, Critical, Major, Minor, Trivial | urgent, high, medium, low, none |
| duedate `2014-08-15 00:00:00.0` | due_on `2014-08-15` |
| assignee, by name in changes and by login elsewhere | the one assignee |

So a step from Resolved to Closed changes nothing here, and must leave no trace.

No two trackers write the same file, and none writes only what is true. What cannot be taken as it stands is mapped or
left out, and counted in `History.oddities`.
"""

import gzip
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

State = dict[str, str | None]
"""title, description, status, priority, due_on and assignee (a person)."""
Line = Mapping[str, Any]

_FIELDS: Final = {
    "summary": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "duedate": "due_on",
    "assignee": "assignee",
}
_OF_LINE: Final = {"due" if theirs == "duedate" else theirs: ours for theirs, ours in _FIELDS.items()}
_WHERE_MISSING: Final = {"title": "(no title)", "status": "todo", "priority": "none"}
"""What must not be null."""
STATUSES: Final = ("backlog", "todo", "in_progress", "done", "cancelled")
CLOSED: Final = frozenset({"done", "cancelled"})
_KNOWN_STATUSES: Final = {
    "Open": "todo",
    "Reopened": "todo",
    "In Progress": "in_progress",
    "Patch Available": "in_progress",
    "Resolved": "done",
    "Closed": "done",
}
# The first that is found in the name decides: "Not started" is not begun, "Closed as duplicate" is not done.
_STATUS_WORDS: Final = (
    ("cancelled", ("cancel", "reject", "won't", "wont", "invalid", "duplicate", "abandon", "declin", "obsolete")),
    ("backlog", ("backlog", "icebox", "someday", "later", "idea", "parked")),
    (
        "todo",
        ("to do", "todo", "not started", "unstarted", "unresolved", "incomplete", "new", "open", "received", "ready"),
    ),
    ("done", ("done", "closed", "complete", "resolved", "fixed", "finish", "released", "shipped", "verified")),
    ("in_progress", ("progress", "review", "start", "doing", "test", "develop", "wait", "block", "active", "patch")),
)
_PRIORITIES: Final = {"Blocker": "urgent", "Critical": "high", "Major": "medium", "Minor": "low", "Trivial": "none"}
_OUR_PRIORITIES: Final = ("none", "low", "medium", "high", "urgent")
_LONGEST: Final = {"title": 500, "description": 100_000}
_MAX_PROJECT_KEY: Final = 10
_NOBODY: Final = "nobody"


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
    owners: Mapping[str, str]
    """Of each project, who reported first."""
    oddities: Counter[str]
    """What could not be taken as it stood, and how often."""


def read(file: Path) -> Iterator[Line | None]:
    """The lines of a file, compressed or not; None for one that is no JSON object."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for line in content.splitlines():
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        yield found if isinstance(found, dict) else None


def understand(lines: Iterable[Line | None], statuses: Mapping[str, str] | None = None) -> History:
    """`statuses` says what theirs are to be with us."""
    oddities: Counter[str] = Counter()
    found = list(_usable(lines, oddities))
    logins = _logins(found)
    people = _Names(found, logins)
    owners = _owners(found)
    reader = _Reader(people, owners, statuses or {}, oddities)
    issues = tuple(reader.issue(line) for line in found)
    named = {person for issue in issues for step in issue.steps if (person := step.changes.get("assignee"))}
    named |= {person for issue in issues if (person := issue.initial["assignee"])}
    oddities["people of whom there is only a name"] = len(named - logins)
    everybody = logins | named | {issue.reporter for issue in issues}
    everybody |= {step.person for issue in issues for step in issue.steps}
    return History(tuple(sorted(everybody)), issues, owners, +oddities)


def status_of(theirs: str, told: Mapping[str, str]) -> tuple[str, bool]:
    """Ours, and whether that is a guess."""
    known = {**{ours: ours for ours in STATUSES}, **_KNOWN_STATUSES, **told}
    if theirs in known:
        return known[theirs], False
    name = theirs.lower().replace("_", " ")
    return next((ours for ours, words in _STATUS_WORDS if any(word in name for word in words)), "todo"), True


def _usable(lines: Iterable[Line | None], oddities: Counter[str]) -> Iterator[Line]:
    """The lines that name an issue, each once."""
    seen = set()
    for line in lines:
        key = line.get("key") if line is not None else None
        if line is None or not isinstance(key, str) or not _project(key):
            oddities["lines left out, for they name no issue"] += 1
        elif key in seen:
            oddities["lines left out, for their issue came before"] += 1
        else:
            seen.add(key)
            yield line


def _project(key: str) -> str:
    """Of an issue, with a letter first and ten characters at most."""
    letters = re.sub(r"[^A-Z0-9]", "", key.rpartition("-")[0].upper())
    return (letters if not letters[:1].isdigit() else f"P{letters}").ljust(2, "X")[:_MAX_PROJECT_KEY] if letters else ""


def _logins(lines: Iterable[Line]) -> set[str]:
    """Everybody who reported, was assigned in the end, commented or changed something."""
    logins = set()
    for line in lines:
        logins |= {line.get("reporter"), line.get("assignee")}
        logins |= {one.get("by") for one in [*_comments(line), *_changes(line)]}
    return {login for login in logins if isinstance(login, str) and login}


def _owners(lines: Iterable[Line]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for line in lines:
        project = _project(line["key"])
        if line.get("reporter") and owners.get(project, _NOBODY) == _NOBODY:
            owners[project] = line["reporter"]
        owners.setdefault(project, _NOBODY)
    return owners


def _comments(line: Line) -> list[Line]:
    return list(line.get("comments") or ())


def _changes(line: Line) -> list[Line]:
    """In the order they were made; who cannot say when keeps their place."""
    return sorted(line.get("changes") or (), key=lambda change: str(change.get("at") or ""))


def _items(change: Line) -> list[tuple[str, Line]]:
    """Those that we know, by the name of our field."""
    return [
        (ours, item) for item in change.get("items") or () if (ours := _FIELDS.get(item.get("field", ""))) is not None
    ]


class _Names:
    """Whose login a full name is.

    An issue whose last assignee is known by both tells; else a login made of the name's parts; else it is somebody
    of whom there is only a name.
    """

    def __init__(self, lines: Iterable[Line], logins: Iterable[str]) -> None:
        self._logins = {_letters(login): login for login in sorted(logins)}
        self._known: dict[str, str] = {}
        for line in lines:
            assigned = [
                item.get("to") for change in _changes(line) for field, item in _items(change) if field == "assignee"
            ]
            if assigned and assigned[-1] and line.get("assignee"):
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
    words = [_letters(word) for word in name.split()] or [""]
    first, last = words[0], words[-1]
    return [guess for guess in ("".join(words), first[:1] + last, first + last, first, first + last[:1]) if guess]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes issues of lines, and counts what it had to bend."""

    people: _Names
    owners: Mapping[str, str]
    statuses: Mapping[str, str]
    oddities: Counter[str]

    def issue(self, line: Line) -> Issue:
        project = _project(line["key"])
        reporter = line.get("reporter")
        if not reporter:
            self.oddities["issues without a reporter, reported by the project's owner"] += 1
            reporter = self.owners[project]
        final = {ours: self._of_line(line, theirs, ours) for theirs, ours in _OF_LINE.items()}
        steps = tuple(self._steps(line, reporter))
        initial = self._undone(line, final)
        reached = dict(initial)
        for step in steps:
            reached |= step.changes
        if reached != final:
            self.oddities["issues whose changes do not lead to their end, which a last step of ours reaches"] += 1
            last = {name: value for name, value in final.items() if reached[name] != value}
            steps = (*steps, Step(reporter, last))
        return Issue(line["key"], project, reporter, initial, steps, final)

    def _of_line(self, line: Line, theirs: str, ours: str) -> str | None:
        if theirs not in line:
            self.oddities[f"issues without the field {theirs}"] += 1
        value = self._ours(ours, line.get(theirs))
        return _WHERE_MISSING.get(ours) if value is None else value

    def _steps(self, line: Line, reporter: str) -> Iterator[Step]:
        for change in _changes(line):
            changes = {}
            for ours, item in _items(change):
                value = self._of_change(ours, item.get("to"))
                if value is None and ours in _WHERE_MISSING:
                    self.oddities[f"changes to no {ours}, left out"] += 1
                else:
                    changes[ours] = value
            if not changes:
                continue
            person = change.get("by")
            if not person:
                self.oddities["changes by nobody known, made by the issue's reporter"] += 1
            yield Step(person or reporter, changes)

    def _undone(self, line: Line, final: State) -> State:
        initial = dict(final)
        for change in reversed(_changes(line)):
            for ours, item in reversed(_items(change)):
                value = self._of_change(ours, item.get("from"))
                initial[ours] = _WHERE_MISSING.get(ours) if value is None else value
        return initial

    def _of_change(self, ours: str, theirs: str | None) -> str | None:
        """Changes name people in full."""
        return self.people.login(theirs) if ours == "assignee" and theirs else self._ours(ours, theirs)

    def _ours(self, ours: str, theirs: str | None) -> str | None:
        if not theirs:
            return theirs if ours == "description" else None
        readers = {
            "title": self._title,
            "description": lambda text: self._cut("description", text),
            "status": self._status,
            "priority": self._priority,
            "due_on": self._day,
        }
        return readers[ours](theirs) if ours in readers else theirs

    def _title(self, theirs: str) -> str | None:
        line = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in theirs)
        return self._cut("title", line.strip()).strip() or None

    def _cut(self, ours: str, text: str) -> str:
        if len(text) > _LONGEST[ours]:
            self.oddities[f"texts cut, for they are too long for a {ours}"] += 1
        return text[: _LONGEST[ours]]

    def _status(self, theirs: str) -> str:
        status, is_guess = status_of(theirs, self.statuses)
        if is_guess:
            self.oddities[f'status "{theirs}", guessed to be {status} (--status "{theirs}=…" tells)'] += 1
        return status

    def _priority(self, theirs: str) -> str:
        if theirs in _PRIORITIES:
            return _PRIORITIES[theirs]
        if theirs.lower() in _OUR_PRIORITIES:
            return theirs.lower()
        self.oddities[f'priority "{theirs}", taken for medium'] += 1
        return "medium"

    def _day(self, theirs: str) -> str | None:
        day = theirs[: len("2014-08-15")]
        try:
            date.fromisoformat(day)
        except ValueError:
            self.oddities["days that are none, left out"] += 1
            return None
        return day
