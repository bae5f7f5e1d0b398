"""What a reader of a format makes of a file: tasks in the file's own words, and what is wrong with it, line by line.

A format knows nothing of projects: statuses, labels and people are names here, and tasks refer to each other by the
ids that they have in the file. Whoever writes them finds out what is meant.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Final, TypeAlias

MOST_MINUTES: Final = 366 * 24 * 60
"""That a reminder may be before the due date."""
UNKNOWN_FIELDS: Final = "fields"
"""`options["unknown"]` so: what has no place among the fields of a task becomes a text field of its own."""


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """Whom a file names, as far as it says who that is."""

    name: str | None = None
    email: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedReaction:
    """An emoji under a comment."""

    person: ImportedPerson
    emoji: str


@dataclass(frozen=True, slots=True)
class ImportedComment:
    """`external_id` None: it is known again by its place among the comments of its task."""

    external_id: str | None
    author: ImportedPerson | None
    at: datetime | None
    body: str
    edited_at: datetime | None = None
    mentions: Sequence[ImportedPerson] = ()
    """Whom the text names, where the file says so."""
    reactions: Sequence[ImportedReaction] = ()


@dataclass(frozen=True, slots=True)
class ImportedLink:
    """From the task to another of the file, or of an earlier one of the same source.

    `kind` is `blocks`, `blocked_by`, `relates_to`, `duplicates` or `duplicated_by`.
    """

    kind: str
    external_id: str


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """One of a task's checklist."""

    title: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class ImportedChange:
    """What somebody did to the task there. `changes` is `{field: [before, after]}`, in the words of the file.

    Fields are named as those of `ImportedTask`: `status`, `title`, `priority`, `assignees`, `labels`, `due_on`, …
    """

    at: datetime
    person: ImportedPerson | None
    changes: Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class ImportedTime:
    """How long somebody worked on the task, and since when."""

    person: ImportedPerson | None
    started_at: datetime
    ended_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedReminder:
    """At an instant, or so many minutes before the task is due. `person` None: of whoever owns the file."""

    person: ImportedPerson | None
    at: datetime | None = None
    minutes_before: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file of the task, whose bytes are the `member` of that name in the archive that is read."""

    external_id: str
    name: str
    person: ImportedPerson | None
    at: datetime | None
    member: str


@dataclass(frozen=True, slots=True)
class ImportedTask:
    """One task. None, or empty: the file says nothing about it, and what the project has stays as it is.

    `category` is what the status means where the file says so: `backlog`, `unstarted`, `started`, `done` or
    `cancelled`. `parent` is an external id. `fields` are values of custom fields, by the names of the file.
    `history` is in the order in which it happened.
    """

    line: int
    external_id: str | None
    title: str
    description: str | None = None
    status: str | None = None
    category: str | None = None
    priority: str | None = None
    assignees: Sequence[ImportedPerson] = ()
    labels: Sequence[str] = ()
    start_on: date | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    estimate: float | None = None
    parent: str | None = None
    created_at: datetime | None = None
    created_by: ImportedPerson | None = None
    completed_at: datetime | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    comments: Sequence[ImportedComment] = ()
    links: Sequence[ImportedLink] = ()
    checklist: Sequence[ImportedItem] = ()
    history: Sequence[ImportedChange] = ()
    time: Sequence[ImportedTime] = ()
    milestone: str | None = None
    cycle: str | None = None
    recurrence: Mapping[str, object] | None = None
    """As the public task has it."""
    mentions: Sequence[ImportedPerson] = ()
    """Whom the description names, where the file says so."""
    watchers: Sequence[tuple[ImportedPerson, bool]] = ()
    """Who chose to hear of it, or not to."""
    files: Sequence[ImportedFile] = ()
    reminders: Sequence[ImportedReminder] = ()
    label_colors: Mapping[str, str] = field(default_factory=dict)
    """`#rrggbb` by the names of its labels, where the file says so: of labels that the project lacks."""


@dataclass(frozen=True, slots=True)
class ImportedDefinition:
    """What a project has beside its tasks, to be made where it lacks one of this name. `kind` is as in our export.

    It comes before the tasks that name it. `fields` are those of the public resource, with names and people for ids.
    """

    line: int
    kind: str
    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where. `is_lost` says that the row as a whole was not taken, and not a value."""

    line: int
    column: str | None
    code: str
    detail: str
    is_lost: bool = True


Record: TypeAlias = ImportedTask | ImportedDefinition | Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """How the file is to be read: which column is which field, and what the client chose beside that."""

    mapping: Mapping[str, str | None] | None = None
    options: Mapping[str, object] = field(default_factory=dict)


Reader: TypeAlias = Callable[[BinaryIO, Reading], Iterator[Record]]
"""Given a binary file that can be sought in, and read once from its beginning, lazily: memory stays flat.

A file that is not of the format at all is `NotThatFormat`, raised by the first step. The same file has to give the
same records in the same order, for a run that was interrupted goes on after so many of them.
"""


class NotThatFormat(ValueError):
    """The file is none of this format; the text says why."""
