"""Reads the issues of another tracker, one JSON object a line, as tasks of ours and the steps they went through.

    {key, summary, description, status, priority, reporter, assignee, due, labels[], components[], parent,
     estimate_seconds, links[{type, to | from}], comments[{at, by, body}],
     changes[{at, by, items[{field, from, to}]}], …}

A line shows how its issue ended; how it began is found by undoing its changes from there. What maps to what:

| theirs | ours |
|---|---|
| key `DIRECTMEMORY-7` | project `DIRECTMEMO`: ten capitals and digits at most |
| summary | title, on one line, without spaces around it |
| status | as `values.status_of` says: as told, as known (Open, In Progress, Closed, …), or a guess from its words |
| Blocker, Critical, Major, Minor, Trivial | urgent, high, medium, low, none |
| duedate `2014-08-15 00:00:00.0` | due_on `2014-08-15` |
| assignee, by name in changes and by login elsewhere | the one assignee |
| labels, components | labels; one that is both is one |
| parent | parent, where the file has it |
| estimate in seconds (the first one, not what remains) | estimate in minutes |
| links | links, as `relations.py` says |
| comments | comments by those who wrote them, between the changes that were made before and after |

So a step from Resolved to Closed changes nothing here, and must leave no trace.

No two trackers write the same file, and none writes only what is true. What cannot be taken as it stands is mapped or
left out, and counted in `History.oddities`.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import relations
from benchmarks.relations import Link
from benchmarks.values import Values, union

State = dict[str, Any]
"""title, description, status, priority, due_on, estimate, assignee (a person), labels, components and parent."""
Line = Mapping[str, Any]

_FIELDS: Final = {
    "summary": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "duedate": "due_on",
    "timeoriginalestimate": "estimate",
    "assignee": "assignee",
    "labels": "labels",
    "Component": "components",
    "Parent": "parent",
}
_OF_LINE: Final = {
    "summary": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "due": "due_on",
    "estimate_seconds": "estimate",
    "assignee": "assignee",
    "labels": "labels",
    "components": "components",
    "parent": "parent",
}
_MAY_LACK: Final = frozenset({"labels", "components", "parent", "estimate_seconds"})
"""Fields that not every tracker has."""
_WHERE_MISSING: Final = {"title": "(no title)", "status": "todo", "priority": "none"}
"""What must not be null."""
_DEEPEST: Final = 5
"""Levels below the topmost task."""
_MAX_PROJECT_KEY: Final = 10
_NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Step:
    """What one person changed at one time."""

    person: str
    changes: State


@dataclass(frozen=True, slots=True)
class Said:
    """What one person commented."""

    person: str
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    key: str
    project: str
    reporter: str
    initial: State
    life: tuple[Step | Said, ...]
    """In the order it happened."""
    final: State

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(one for one in self.life if isinstance(one, Step))

    @property
    def comments(self) -> tuple[Said, ...]:
        return tuple(one for one in self.life if isinstance(one, Said))


@dataclass(frozen=True, slots=True)
class History:
    people: tuple[str, ...]
    issues: tuple[Issue, ...]
    """Each after the one that it began as a part of."""
    links: tuple[Link, ...]
    owners: Mapping[str, str]
    """Of each project, who reported first."""
    told: Counter[str]
    """How many things of each kind the file has."""
    oddities: Counter[str]
    """What could not be taken as it stood, and how often."""


def shown(state: State) -> State:
    """As a task shows it: labels and components are labels there."""
    labels = union([*state.get("labels", ()), *state.get("components", ())])
    return {**{name: value for name, value in state.items() if name != "components"}, "labels": labels}


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
    owners = _owners(found)
    projects = {line["key"]: _project(line["key"]) for line in found}
    reader = _Reader(_Names(found, logins), owners, projects, Values(statuses or {}, oddities), oddities)
    issues = _parents_first([reader.issue(line) for line in found], oddities)
    links = relations.links(found, {issue.key: issue.reporter for issue in issues}, oddities)
    named = {person for issue in issues for step in issue.steps if (person := step.changes.get("assignee"))}
    named |= {person for issue in issues if (person := issue.initial["assignee"])}
    oddities["people of whom there is only a name"] = len(named - logins)
    everybody = logins | named | {issue.reporter for issue in issues}
    everybody |= {one.person for issue in issues for one in issue.life}
    everybody |= {turn.person for link in links for turn in link.turns}
    return History(tuple(sorted(everybody)), issues, links, owners, _told(found), +oddities)


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


def _told(lines: Iterable[Line]) -> Counter[str]:
    told: Counter[str] = Counter()
    for line in lines:
        told["comments"] += len(_comments(line))
        told["changes of what is kept here"] += sum(bool(_items(change)) for change in _changes(line))
        told["links, told by each of their issues"] += len(line.get("links") or ())
        told["labels of issues"] += len(line.get("labels") or ())
        told["components of issues"] += len(line.get("components") or ())
        for thing, name in _SINGLE.items():
            told[thing] += line.get(name) not in {None, ""}
    return told


_SINGLE: Final = {
    "issues": "key",
    "parents": "parent",
    "estimates": "estimate_seconds",
    "due dates": "due",
    "assignees": "assignee",
}


def _parents_first(issues: list[Issue], oddities: Counter[str]) -> tuple[Issue, ...]:
    """As they were reported, but for these; who is too deep, or part of itself, stands on their own at first."""
    above = {issue.key: issue.initial["parent"] for issue in issues}
    depths = {}
    for issue in issues:
        depth, key = 0, above[issue.key]
        while key is not None and depth <= _DEEPEST:
            depth, key = depth + 1, above[key]
        if depth > _DEEPEST:
            oddities["parents too deep, or in a circle, left out"] += 1
            issue.initial["parent"] = above[issue.key] = None
            depth = 0
        depths[issue.key] = depth
    return tuple(sorted(issues, key=lambda issue: depths[issue.key]))


def _comments(line: Line) -> list[Line]:
    return list(line.get("comments") or ())


def _changes(line: Line) -> list[Line]:
    """In the order they were made; who cannot say when keeps their place."""
    return sorted(line.get("changes") or (), key=_when)


def _when(one: Line) -> str:
    return str(one.get("at") or "")


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
    projects: Mapping[str, str]
    """Of each issue."""
    values: Values
    oddities: Counter[str]

    def issue(self, line: Line) -> Issue:
        project, reporter = self.projects[line["key"]], line.get("reporter")
        if not reporter:
            self.oddities["issues without a reporter, reported by the project's owner"] += 1
            reporter = self.owners[project]
        final = {ours: self._of_line(line, theirs, ours) for theirs, ours in _OF_LINE.items()}
        initial = self._undone(line, final)
        life = tuple(self._life(line, reporter, dict(initial)))
        reached = dict(initial)
        for one in life:
            reached |= one.changes if isinstance(one, Step) else {}
        if shown(reached) != shown(final):
            self.oddities["issues whose changes do not lead to their end, which a last step of ours reaches"] += 1
            last = {name: value for name, value in final.items() if reached[name] != value}
            life = (*life, Step(reporter, last))
        return Issue(line["key"], project, reporter, initial, life, final)

    def _of_line(self, line: Line, theirs: str, ours: str) -> object:
        if theirs not in line and theirs not in _MAY_LACK:
            self.oddities[f"issues without the field {theirs}"] += 1
        if ours in {"labels", "components"}:
            return self.values.labels(line.get(theirs) or ())
        value = self._one(line, ours, line.get(theirs))
        return _WHERE_MISSING.get(ours) if value is None else value

    def _life(self, line: Line, reporter: str, state: State) -> Iterator[Step | Said]:
        changes = [("changes", change) for change in _changes(line)]
        comments = [("comments", comment) for comment in _comments(line)]
        for what, one in sorted([*changes, *comments], key=lambda told: _when(told[1])):
            by = one.get("by")
            done = self._step(line, one, state) if what == "changes" else self.values.comment(one.get("body"))
            if not done:
                continue
            if not by:
                self.oddities[f"{what} by nobody known, made by the issue's reporter"] += 1
            yield Said(by or reporter, done) if isinstance(done, str) else Step(by or reporter, done)

    def _step(self, line: Line, change: Line, state: State) -> State:
        changes: State = {}
        for ours, item in _items(change):
            value = self._after(line, ours, item, {**state, **changes}[ours], ("from", "to"))
            if value is None and ours in _WHERE_MISSING:
                self.oddities[f"changes to no {ours}, left out"] += 1
            else:
                changes[ours] = value
        state |= changes
        return changes

    def _undone(self, line: Line, final: State) -> State:
        initial = dict(final)
        for change in reversed(_changes(line)):
            for ours, item in reversed(_items(change)):
                value = self._after(line, ours, item, initial[ours], ("to", "from"))
                initial[ours] = _WHERE_MISSING.get(ours) if value is None else value
        return initial

    def _after(self, line: Line, ours: str, item: Line, before: Any, way: tuple[str, str]) -> object:  # noqa: ANN401
        """Forwards or, with the way turned round, backwards. Changes name people in full, and components one by one."""
        left, reached = (item.get(end) for end in way)
        if ours == "components":
            gone = {name.lower() for name in self.values.labels([left])}
            return union([*(name for name in before if name.lower() not in gone), *self.values.labels([reached])])
        if ours == "labels":
            return self.values.labels(str(reached or "").split())
        return self.people.login(str(reached)) if ours == "assignee" and reached else self._one(line, ours, reached)

    def _one(self, line: Line, ours: str, theirs: object) -> object:
        if ours == "parent":
            return relations.parent(line["key"], theirs, self.projects, self.oddities)
        return self.values.ours(ours, theirs)
