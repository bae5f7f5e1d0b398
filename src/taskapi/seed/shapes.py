"""What the demo is told by: people, and stories of which each becomes a project with all that is in it."""

from dataclasses import dataclass, field

from taskapi.models import Priority

NONE, LOW, MEDIUM, HIGH, URGENT = Priority
BACKLOG, TO_DO, DOING, DONE, DROPPED = "backlog", "todo", "in_progress", "done", "cancelled"


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    full_name: str
    timezone: str

    @property
    def email(self) -> str:
        """At a domain that nobody can own (RFC 2606)."""
        return f"{self.username}@demo.example"


@dataclass(frozen=True, slots=True)
class Work:
    """Somebody's hours on a task, some days ago."""

    who: str
    days_ago: int
    hours: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Chore:
    title: str
    status: str = TO_DO
    priority: Priority = NONE
    to: tuple[str, ...] = ()
    due: int | None = None
    """In days from now; negative: it was due."""
    estimate: float | None = None
    description: str | None = None
    labels: tuple[str, ...] = ()
    milestone: str | None = None
    cycle: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    part_of: str | None = None
    """The title of another one, told before."""
    blocks: tuple[str, ...] = ()
    """The titles of those that wait for it."""
    relates_to: tuple[str, ...] = ()
    steps: tuple[tuple[str, bool], ...] = ()
    """Its checklist, and what of it is done."""
    said: tuple[tuple[str, str], ...] = ()
    """Who said what about it."""
    worked: tuple[Work, ...] = ()
    comes_again: str | None = None
    """By which rule."""


@dataclass(frozen=True, slots=True)
class Span:
    """A cycle, in days from now."""

    name: str
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    name: str
    description: str
    color: str
    owner: str
    members: dict[str, str]
    chores: tuple[Chore, ...]
    labels: dict[str, str] = field(default_factory=dict)
    """Their colours by their names."""
    milestones: dict[str, int] = field(default_factory=dict)
    """In how many days each is due."""
    cycles: tuple[Span, ...] = ()
    selects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The options of custom fields, by the name of the field; a task says their keys."""
