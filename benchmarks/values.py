"""What a value of another tracker is with us; what has to be bent for that is counted as an oddity."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from taskapi.core.fields import visible
from taskapi.tasks.comments.schemas import MAX_BYTES

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
_LONGEST: Final = {"title": 500, "description": 100_000, "label": 200}
_MOST_MINUTES: Final = 1_000_000


def status_of(theirs: str, told: Mapping[str, str]) -> tuple[str, bool]:
    """Ours, and whether that is a guess."""
    known = {**{ours: ours for ours in STATUSES}, **_KNOWN_STATUSES, **told}
    if theirs in known:
        return known[theirs], False
    name = theirs.lower().replace("_", " ")
    return next((ours for ours, words in _STATUS_WORDS if any(word in name for word in words)), "todo"), True


def union(labels: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever the case of its letters, as the labels of a project are; always in the same order."""
    return tuple(sorted({name.lower(): name for name in sorted(labels)}.values(), key=str.lower))


@dataclass(frozen=True, slots=True)
class Values:
    statuses: Mapping[str, str]
    """What theirs are to be with us, as somebody has said."""
    oddities: Counter[str]
    spellings: dict[str, str] = field(default_factory=dict)
    """Of labels: as each was written first, for ours differ in more than the case of their letters."""

    def ours(self, name: str, theirs: object) -> str | float | None:
        """The value of a field of ours that is one word, number or text."""
        if theirs is None or theirs == "":
            return theirs if name == "description" else None
        readers: Mapping[str, Callable[[str], str | float | None]] = {
            "title": self._title,
            "description": lambda text: self._cut("description", _prose(text)),
            "status": self._status,
            "priority": self._priority,
            "due_on": self._day,
            "estimate": self._minutes,
        }
        return readers[name](str(theirs)) if name in readers else str(theirs)

    def labels(self, names: Iterable[object]) -> tuple[str, ...]:
        found = [self._cut("label", _line(str(name))).strip() for name in names if name]
        usable = [self.spellings.setdefault(name.lower(), name) for name in found if _can_be_seen(name)]
        if len(usable) < len(found):
            self.oddities["labels in which there is nothing to see, left out"] += 1
        return union(usable)

    def comment(self, theirs: object) -> str | None:
        text = _prose(str(theirs or ""))
        if not _can_be_seen(text):
            self.oddities["comments in which there is nothing to see, left out"] += 1
            return None
        if len(text.encode()) > MAX_BYTES:
            self.oddities["texts cut, for they are too long for a comment"] += 1
        return text.encode()[:MAX_BYTES].decode(errors="ignore")

    def _title(self, theirs: str) -> str | None:
        return self._cut("title", _line(theirs)).strip() or None

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

    def _minutes(self, seconds: str) -> float | None:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", seconds) or float(seconds) > _MOST_MINUTES * 60:
            self.oddities["estimates that are none, left out"] += 1
            return None
        return float(seconds) / 60


def _line(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text).strip()


def _prose(text: str) -> str:
    return "".join(c for c in text if c != "\0" and unicodedata.category(c) != "Cs")


def _can_be_seen(text: str) -> bool:
    try:
        visible(text)
    except ValueError:
        return False
    return True
