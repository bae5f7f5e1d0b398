"""`tomorrow 17:00 every 2 weeks`: where a text says when, in words that end it or end before a mention.

In the middle of a sentence that reads on, a day is a part of the sentence: `Plan the Monday meeting`. After `by`,
`due`, `on` or `at` it may stand there all the same, where what follows shows that the phrase is over.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final

from taskapi.tasks.quick import dates
from taskapi.tasks.quick.dates import read
from taskapi.tasks.quick.mentions import Kind, is_within
from taskapi.tasks.quick.recurring import RECURRENCES, Recurrence


@dataclass(frozen=True, slots=True)
class Piece:
    """A day, a time of day, a span from now, or a recurrence, with the word that leads to it."""

    start: int
    end: int
    value: "Meaning"

    @property
    def kind(self) -> Kind:
        if isinstance(self.value, Recurrence):
            return Kind.RECURRENCE
        return Kind.DATE if isinstance(self.value, date) else Kind.TIME

    @property
    def kinds(self) -> frozenset[Kind]:
        """What cannot be said again beside it: a span from now is day and time in one."""
        return frozenset({Kind.DATE, Kind.TIME}) if isinstance(self.value, timedelta) else frozenset({self.kind})


Meaning = date | time | timedelta | Recurrence
Part = tuple[int, int]
_WORD: Final = re.compile(r"\S+")
_LEADING: Final = re.compile(
    r"(?:(?:is\s+)?due\s+(?:by|on|at)|(?:is\s+)?due|by|on|at|for|until|till)\s+", re.IGNORECASE | re.ASCII
)
_LEADING_ON: Final = re.compile(r"(?:starting(?:\s+on)?|from|by|on|at)\s+", re.IGNORECASE | re.ASCII)
_MOST_PIECES: Final = 3
_BETWEEN: Final = " \t\r\n,"
_AT_THE_END: Final = " \t\r\n,;.!"
_DASHES: Final = "-\N{EN DASH}\N{EM DASH}"
_ENDS: Final = frozenset(",;.:")
_PAUSES: Final = ",;:" + _DASHES
# Before a day these make it a part of the sentence, also at its end: `Watch the last Friday`.
_PART_OF_THE_SENTENCE: Final = frozenset(
    (
        *("the", "a", "an", "this", "that", "my", "our", "your", "his", "her", "their", "last", "past", "previous"),
        *("since", "from", "of", "after", "before", "to", "than", "and", "or", "vs", "between", "about", "like"),
        *("version", "v", "called", "named", "titled", "every", "each", "not"),
    )
)
# What follows a phrase that is over.
_READS_ON_ANEW: Final = frozenset(
    (
        *("to", "with", "for", "about", "in", "via", "because", "if", "so", "as", "when", "but", "then", "using"),
        *("from", "after"),
    )
)


def find(text: str, part: Part, quoted: Sequence[Part], today: date, taken: AbstractSet[Kind]) -> list[Piece]:
    """The pieces that end a part of the text, none of a kind that is taken; as many as there are."""
    for start in _words(text, part, quoted):
        pieces, end = _pieces(text, start, part[1], today, taken)
        if pieces and not text[end : part[1]].strip(_AT_THE_END) and not _is_of_the_sentence(text, part, pieces[0]):
            return _with_what_is_around(text, part, pieces)
    return []


def find_within(text: str, part: Part, quoted: Sequence[Part], today: date, taken: AbstractSet[Kind]) -> list[Piece]:
    """Those in the middle of it, after a word that leads to them."""
    for start in _words(text, part, quoted):
        leading = _LEADING.match(text, start, part[1])
        if leading is None or leading[0].split()[0].lower() not in {"by", "due", "is", "on", "at"}:
            continue
        pieces, end = _pieces(text, start, part[1], today, taken, inside=True)
        rest = text[end : part[1]]
        if pieces and _is_over(rest, leading[0].split()[0].lower()):
            pieces[-1] = replace(pieces[-1], end=end + (rest[:1] in _ENDS))
            return pieces
    return []


def _words(text: str, part: Part, quoted: Sequence[Part]) -> Iterator[int]:
    words = (word.start() for word in _WORD.finditer(text, *part))
    return (start for start in words if not is_within(start, quoted))


def _pieces(
    text: str, start: int, end: int, today: date, taken: AbstractSet[Kind], *, inside: bool = False
) -> tuple[list[Piece], int]:
    """One after another, as far as they go, and where that is."""
    pieces: list[Piece] = []
    for _ in range(_MOST_PIECES):
        known = set(taken).union(*(piece.kinds for piece in pieces))
        piece = _piece(text[:end], start, today, pieces, inside=inside)
        if piece is None or known & piece.kinds:
            break
        if pieces:  # a comma between them belongs to the one before
            pieces[-1] = replace(pieces[-1], end=len(text[: piece.start].rstrip()))
        pieces.append(piece)
        start = piece.end
        while start < end and text[start] in _BETWEEN:
            start += 1
    return pieces, pieces[-1].end if pieces else start


def _piece(text: str, start: int, today: date, before: Sequence[Piece], *, inside: bool) -> Piece | None:
    """The longest that begins here, with or without a word that leads to it."""
    leading = (_LEADING_ON if before else _LEADING).match(text, start)
    word = leading[0].split()[-1].lower() if leading else None
    begin = leading.end() if leading else start
    days = dates.DATES_AFTER_A_WORD if word and word != "at" and not inside else dates.DATES
    times = dates.TIMES_AFTER_AT if word == "at" and not inside else dates.TIMES
    if word is None and before and before[-1].kind is Kind.DATE:
        times = dates.TIMES_AFTER_A_DAY
    found: list[tuple[int, Meaning] | None] = [read(days, text, begin, today), read(times, text, begin, today)]
    if word is None:
        found += [read(RECURRENCES, text, begin, today), read(dates.SPANS, text, begin, today)]
    longest = max(filter(None, found), key=lambda each: each[0], default=None)
    return Piece(start, *longest) if longest else None


def _is_of_the_sentence(text: str, part: Part, first: Piece) -> bool:
    words = text[part[0] : first.start].split()
    return bool(words) and words[-1].lower() in _PART_OF_THE_SENTENCE and not _LEADING.match(text, first.start)


def _is_over(rest: str, leading: str) -> bool:
    if leading in {"by", "due", "is"} or rest[:1] in _ENDS:
        return True
    words = rest.split(maxsplit=1)
    return not words or words[0].lower() in _READS_ON_ANEW


def _with_what_is_around(text: str, part: Part, pieces: list[Piece]) -> list[Piece]:
    """A comma or a dash before belongs to the first, a full stop after to the last."""
    start = first = pieces[0].start
    while first > part[0] and text[first - 1] in _PAUSES + _BETWEEN:
        first -= 1
        start = first if text[first] in _PAUSES else start
    pieces[0] = replace(pieces[0], start=start)
    pieces[-1] = replace(pieces[-1], end=len(text[: part[1]].rstrip()))
    return pieces
