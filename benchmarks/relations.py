"""Reads how issues of another tracker are linked, and which of them is a part of which.

A link stands in the lines of both its issues, and so does each change of it: as `This issue blocks WEB-2`. What maps
to what:

| theirs | ours |
|---|---|
| Blocker, Dependent, Required, with their words (blocks, depends upon, requires, …) | blocks, whichever way round |
| Duplicate | duplicates |
| whatever else (Reference, Container, Supercedes, Incorporates, Cloners, …) | relates_to |
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Line = Mapping[str, Any]

# What their words say, looked at from the issue that has them: our type, and whether it is this one that does it.
_WORDS: Final = {
    "blocks": ("blocks", True),
    "is blocked by": ("blocks", False),
    "is depended upon by": ("blocks", True),
    "depends upon": ("blocks", False),
    "is required by": ("blocks", True),
    "requires": ("blocks", False),
    "duplicates": ("duplicates", True),
    "is duplicated by": ("duplicates", False),
}
_TYPES: Final = {
    "blocker": ("blocks", True),
    "dependent": ("blocks", False),
    "depends": ("blocks", False),
    "required": ("blocks", False),
    "duplicate": ("duplicates", True),
}
_ANY_OTHER: Final = ("relates_to", True)
_SENTENCE: Final = re.compile(r"This issue (?P<words>.+) (?P<other>\S+-\d+)")
# Which two issues, in order, and how they are linked: between them there is one link of a type.
_Pair = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody made a link, or took it away."""

    person: str
    made: bool


@dataclass(frozen=True, slots=True)
class Link:
    source: str
    target: str
    type: str
    at_first: bool
    turns: tuple[Turn, ...]
    at_last: bool


@dataclass(slots=True)
class _Told:
    """What both issues say about one link."""

    source: str
    target: str
    at_last: bool = False
    turns: list[tuple[str, Turn]] = field(default_factory=list)
    """With when."""


def links(lines: Iterable[Line], people: Mapping[str, str], oddities: Counter[str]) -> tuple[Link, ...]:
    """Those between issues of the file; `people` says who does what nobody is said to have done."""
    told: dict[_Pair, _Told] = {}
    for line in lines:
        for type_, source, target in _at_last(line, people, oddities):
            _of(told, type_, source, target, oddities).at_last = True
        for at, person, made, (type_, source, target) in _changes(line, people):
            turn = at, Turn(person or people[line["key"]], made)
            _of(told, type_, source, target, oddities).turns.append(turn)
    found = (_link(type_, of, oddities) for (_, _, type_), of in sorted(told.items()))
    return tuple(_without_circles((link for link in found if link.at_first or link.turns), oddities))


def parent(key: str, theirs: object, keys: Mapping[str, str], oddities: Counter[str]) -> str | None:
    """The issue that it is a part of, where the file has it; `keys` says of each issue its project."""
    if not theirs:
        return None
    if theirs not in keys:
        oddities["parents that the file does not have, left out"] += 1
        return None
    if keys[str(theirs)] != keys[key] or theirs == key:
        oddities["parents in another project, or the issue itself, left out"] += 1
        return None
    return str(theirs)


def _at_last(line: Line, keys: Mapping[str, str], oddities: Counter[str]) -> Iterator[tuple[str, str, str]]:
    for link in line.get("links") or ():
        outward, inward = link.get("to"), link.get("from")
        type_, forward = _TYPES.get(str(link.get("type")).lower(), _ANY_OTHER)
        other = outward or inward
        if other not in keys:
            oddities["links to issues that the file does not have, left out"] += 1
        elif other != line["key"]:
            yield type_, *_ends(line["key"], other, forward=forward == bool(outward))


def _changes(line: Line, keys: Mapping[str, str]) -> Iterator[tuple[str, str | None, bool, tuple[str, str, str]]]:
    for change in line.get("changes") or ():
        for item in change.get("items") or ():
            for words, made in ((item.get("from"), False), (item.get("to"), True)):
                sentence = _SENTENCE.fullmatch(str(words)) if item.get("field") == "Link" else None
                if sentence and sentence["other"] in keys and sentence["other"] != line["key"]:
                    type_, forward = _WORDS.get(sentence["words"].lower(), _ANY_OTHER)
                    ends = _ends(line["key"], sentence["other"], forward=forward)
                    yield str(change.get("at") or ""), change.get("by"), made, (type_, *ends)


def _ends(here: str, there: str, *, forward: bool) -> tuple[str, str]:
    return (here, there) if forward else (there, here)


def _of(told: dict[_Pair, _Told], type_: str, source: str, target: str, oddities: Counter[str]) -> _Told:
    pair = min(source, target), max(source, target), type_
    known = told.setdefault(pair, _Told(source, target))
    if type_ != "relates_to" and known.source != source:
        oddities[f"times a link is said to be {type_} the other way round, left as it was said first"] += 1
    return known


def _link(type_: str, told: _Told, oddities: Counter[str]) -> Link:
    """Each change stands in two lines; the second says what is so already."""
    wanted = [turn for _, turn in sorted(told.turns, key=lambda turn: turn[0])]
    at_first = not wanted[0].made if wanted else told.at_last
    stands, turns = at_first, []
    for turn in wanted:
        if turn.made is not stands:
            turns.append(turn)
            stands = turn.made
    if stands is not told.at_last:
        oddities["links whose changes do not lead to their end, which a last step of ours reaches"] += 1
        turns.append(Turn(wanted[-1].person, told.at_last))
    return Link(told.source, told.target, type_, at_first, tuple(turns), told.at_last)


def _without_circles(found: Iterable[Link], oddities: Counter[str]) -> Iterator[Link]:
    """Issues of that tracker may block each other in a circle; ours never do, so the link that closes one is left."""
    blocked: dict[str, set[str]] = {}
    for link in found:
        if link.type == "blocks":
            if link.source in _beyond(blocked, link.target):
                oddities["links that close a circle of issues that block each other, left out"] += 1
                continue
            blocked.setdefault(link.source, set()).add(link.target)
        yield link


def _beyond(blocked: Mapping[str, set[str]], start: str) -> set[str]:
    seen, ahead = {start}, [start]
    while ahead:
        for key in blocked.get(ahead.pop(), set()) - seen:
            seen.add(key)
            ahead.append(key)
    return seen
