"""One line of text taken apart: what stands for something, and the title that the rest is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from taskapi.tasks.quick import phrases
from taskapi.tasks.quick.mentions import Kind, Mention, literals, mentions
from taskapi.tasks.quick.phrases import Piece
from taskapi.tasks.quick.recurring import Recurrence

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text that was understood, counted in characters; `value` is what it stands for."""

    start: int
    end: int
    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Known:
    """What there is of all that was mentioned, by the names of the mentions."""

    projects: frozenset[str] = frozenset()
    users: Mapping[str, UUID] = field(default_factory=dict)
    labels: Mapping[str, UUID] = field(default_factory=dict)

    def knows(self, mention: Mention) -> bool:
        names = {Kind.PROJECT: self.projects, Kind.ASSIGNEE: self.users, Kind.LABEL: self.labels}
        return mention.kind is Kind.PRIORITY or mention.name in names[mention.kind]


@dataclass(frozen=True, slots=True)
class Understood:
    title: str
    spans: tuple[Span, ...] = ()
    due_on: date | None = None
    due_at: datetime | None = None
    recurrence: Recurrence | None = None
    not_understood: tuple[str, ...] = ()
    """Mentions of nobody and nothing, as they stand in the title."""

    def named(self, kind: Kind) -> list[str]:
        """Each once, in the order of the text."""
        return list(dict.fromkeys(span.value for span in self.spans if span.kind is kind))

    def last(self, kind: Kind) -> str | None:
        """Of what a task has one of, what was said last counts."""
        return next(reversed(self.named(kind)), None)


def parse(text: str, now: datetime, zone: ZoneInfo, known: Known) -> Understood:
    here = now.astimezone(zone)
    found = mentions(text)
    pieces = _pieces(text, found, here.date())
    due_on, due_at, recurrence = _due(pieces, here)
    spans = [Span(m.start, m.end, m.kind, m.name) for m in found if known.knows(m)]
    spans += [Span(piece.start, piece.end, piece.kind, _said(piece, due_at)) for piece in pieces]
    spans.sort(key=lambda span: span.start)
    return Understood(
        title=_title(text, spans),
        spans=tuple(spans),
        due_on=due_on,
        due_at=due_at,
        recurrence=recurrence,
        not_understood=tuple(text[m.start : m.end].rstrip(",;.:") for m in found if not known.knows(m)),
    )


def _pieces(text: str, found: Sequence[Mention], today: date) -> list[Piece]:
    """What is said at the end counts before what is said earlier. A mention ends what is before it, known or not."""
    ends = [0, *(mention.end for mention in found)]
    parts = list(zip(ends, [*(mention.start for mention in found), len(text)], strict=True))[::-1]
    quoted, pieces, taken = literals(text), list[Piece](), set[Kind]()
    for search in (phrases.find, phrases.find_within):
        for part in parts:
            said = search(text, part, quoted, today, taken)
            pieces += said
            taken.update(*(piece.kinds for piece in said))
        if taken & {Kind.DATE, Kind.RECURRENCE}:
            break
    return pieces


def _due(pieces: Sequence[Piece], here: datetime) -> tuple[date | None, datetime | None, Recurrence | None]:
    """A time without a day is the next that comes; a recurrence without one begins as soon as it can."""
    values = {type(piece.value): piece.value for piece in pieces}
    day, clock, later = values.get(date), values.get(time), values.get(timedelta)
    recurrence = values.get(Recurrence)
    assert recurrence is None or isinstance(recurrence, Recurrence)
    if isinstance(later, timedelta):
        instant = here.astimezone(UTC) + later
        return None, instant.replace(second=0, microsecond=0) + _MINUTE * bool(instant.second), recurrence
    if not isinstance(day, date):
        is_past = isinstance(clock, time) and clock <= here.time()
        soonest = here.date() + _DAY * is_past
        day = recurrence.first(soonest) if recurrence else soonest if clock else None
    if isinstance(clock, time) and day is not None:
        return None, datetime.combine(day, clock, here.tzinfo).astimezone(UTC), recurrence
    return day, None, recurrence


def _said(piece: Piece, due_at: datetime | None) -> str:
    match piece.value:
        case Recurrence(rule=rule):
            return rule
        case time():
            return piece.value.strftime("%H:%M")
        case date():
            return piece.value.isoformat()
        case _:
            assert due_at is not None
            return due_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _title(text: str, spans: Sequence[Span]) -> str:
    """What is left, each gap closed."""
    begins = [0, *(span.end for span in spans)]
    ends = [*(span.start for span in spans), len(text)]
    rest = " ".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))
    return " ".join(rest.split())
