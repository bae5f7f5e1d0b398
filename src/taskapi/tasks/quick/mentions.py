"""`!high`, `@maria`, `#bug` and `+WEB`: words that stand for something wherever in a text they are, unless quoted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from taskapi.models import Priority


class Kind(StrEnum):
    """What a part of the text stands for."""

    PROJECT = "project"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    LABEL = "label"
    DATE = "date"
    TIME = "time"
    RECURRENCE = "recurrence"


@dataclass(frozen=True, slots=True)
class Mention:
    start: int
    end: int
    kind: Kind
    name: str
    """As it is looked up: a username in small letters, a project's key in capitals, a priority by its own name."""


# As elsewhere: 1 is the most pressing.
_LEVELS: Final = {"1": Priority.URGENT, "2": Priority.HIGH, "3": Priority.MEDIUM, "4": Priority.LOW}
# What is quoted is meant literally; a label is quoted where its name has blanks.
_QUOTED: Final = re.compile(r"""#"[^"]*"|"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`|(?<![^\s(])'[^']*'(?!\w)""")
_MENTION: Final = re.compile(
    r"""(?<!\S)(?:
        !(?P<priority>none|low|medium|high|urgent|[1-4]) | p(?P<level>[1-4])
        | @(?P<assignee>[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?)
        | \#(?: "(?P<quoted>[^"]{1,200})" | (?P<label>[^\s"#,;]*[^\s"#,;.:!?]) )
        | \+(?P<project>[a-z][a-z0-9]{1,9})
    )[,;.:]*(?!\S)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def literals(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _QUOTED.finditer(text) if not found[0].startswith("#")]


def is_within(position: int, parts: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in parts)


def mentions(text: str) -> list[Mention]:
    """All that could be one, in order: whether there is such a person, label or project is not known here."""
    quoted = literals(text)
    return [_mention(found) for found in _MENTION.finditer(text) if not is_within(found.start(), quoted)]


def _mention(found: re.Match[str]) -> Mention:
    if name := found["priority"] or found["level"]:
        return Mention(*found.span(), Kind.PRIORITY, str(_LEVELS.get(name, name.lower())))
    if name := found["assignee"]:
        return Mention(*found.span(), Kind.ASSIGNEE, name.lower())
    if name := found["project"]:
        return Mention(*found.span(), Kind.PROJECT, name.upper())
    return Mention(*found.span(), Kind.LABEL, (found["quoted"] or found["label"]).strip())
