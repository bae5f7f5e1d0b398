"""A record as a row of `tasks` and as the public task: what is written, and what the log tells of it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic_core import to_json

from taskapi.core.change_log.publish import PastFact
from taskapi.core.clock import utc_now
from taskapi.core.fields import rfc3339
from taskapi.core.resources.document import Fields
from taskapi.core.resources.records import Place
from taskapi.imports import own_fields, pasts
from taskapi.imports.known import ASSIGNEE_FIELD, CREATOR_FIELD, Known, folded, kept_as_text
from taskapi.imports.records import ImportedDefinition, ImportedTask, Problem
from taskapi.models import Priority
from taskapi.projects.fields.values import Values
from taskapi.tasks import ranking
from taskapi.tasks.changing import CLOSED
from taskapi.tasks.schemas import MAX_ASSIGNEES, MAX_LABELS

COLUMNS: Final = (
    *("id", "project_id", "number", "title", "description", "mentions", "status", "status_category", "priority"),
    *("start_on", "due_on", "due_at", "estimate", "parent_id", "rank", "assignee_ids", "label_ids", "fields"),
    *("created_by", "created_at", "updated_at", "completed_at", "version", "milestone_id", "cycle_id", "recurrence"),
)
_IN_ORDER: Final = itemgetter(*COLUMNS)
LONGEST_ID: Final = 200
_SAYS: Final = attrgetter(
    *("external_id", "title", "description", "status", "category", "priority", "assignees", "labels", "start_on"),
    *("due_on", "due_at", "estimate", "parent", "created_at", "created_by", "completed_at", "fields", "comments"),
    *("links", "checklist", "history", "time", "milestone", "cycle", "recurrence", "mentions", "watchers"),
)
_SAYS_LATELY: Final = attrgetter("files", "reminders")


@dataclass(frozen=True, slots=True)
class Row:
    """A record with the id that it is known by, and a digest of what it says."""

    record: ImportedTask
    external_id: str
    digest: bytes


Entry: TypeAlias = Row | ImportedDefinition | Problem
"""What a run is given, one after the other."""


@dataclass(frozen=True, slots=True)
class NewTask:
    columns: tuple[Any, ...]
    facts: list[PastFact]
    key: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a record says, in the words of the public task, as far as it says anything."""

    fields: dict[str, Any]
    problems: list[Problem]


def digest_of(record: ImportedTask) -> bytes:
    """Of all that it says; where it stands in the file is nothing of that.

    What tasks could not say in earlier versions counts where one says it: else the same file would be another one now.
    """
    said = _SAYS(record) + tuple(more for more in _SAYS_LATELY(record) if more)
    return blake2b(repr(said).encode(errors="surrogatepass"), digest_size=16).digest()


def fitting_id(external_id: str) -> str:
    """As it can be stored and looked up: a very long one by its digest."""
    if len(external_id) <= LONGEST_ID:
        return external_id
    return f"long:{blake2b(external_id.encode(), digest_size=16).hexdigest()}"


def chosen(record: ImportedTask, known: Known) -> Chosen:
    values, problems = _own_values(record, known)
    said: dict[str, Any] = {"title": record.title}
    if record.description is not None:
        said["description"] = record.description
    status = known.status(record.status)
    if status is None and record.status is None and record.completed_at is not None:
        status = known.ends_in
    if status is not None:
        said |= {"status": status.key, "status_category": status.category}
    if record.priority is not None:
        said["priority"] = record.priority
    if record.assignees or record.labels:
        said |= _sets(record, known, problems)
    if record.milestone or record.cycle:
        said |= _plans(record, known)
    said |= _days(record, problems)
    if record.estimate is not None:
        said["estimate"] = record.estimate
    if values:
        said["fields"] = values
    return Chosen(said, problems)


@dataclass(frozen=True, slots=True)
class Making:
    """What all new tasks of a batch have in common; `place` is their project."""

    known: Known
    place: Place
    importer: UUID
    now: datetime
    defaults: Fields
    """What a task is that the file says nothing of but a title."""


def making(known: Known, place: Place, importer: UUID) -> Making:
    now = utc_now()
    return Making(known, place, importer, now, _defaults(known, place, now))


def new_task(
    making: Making, record: ImportedTask, said: Chosen, number: int, task_id: UUID, parent_id: UUID | None
) -> NewTask:
    """A task that says nothing of its status starts where new tasks do."""
    known, place, now = making.known, making.place, making.now
    fields = {**making.defaults, **said.fields}
    past = pasts.of(record, known, fields["status_category"])
    created_at = now if past.made_at is None else min(past.made_at, now)
    completed_at = (past.closed_at or now) if fields["status_category"] in CLOSED else None
    key = f"{place.key}-{number}"
    created_by = known.person(record.created_by) or making.importer
    updated = fields["updated_at"]
    final = {
        **fields,
        "id": str(task_id),
        "key": key,
        "number": number,
        "mentions": known.members(record.mentions) if record.mentions else [],
        "parent_id": None if parent_id is None else str(parent_id),
        "rank": ranking.of_number(number),
        "recurrence": _recurrence(record, fields),
        "created_by": str(created_by),
        "created_at": updated if created_at is now else rfc3339(created_at),
        "completed_at": None if completed_at is None else rfc3339(completed_at),
    }
    facts = pasts.facts(record, past, final, known, making.importer)
    columns = {
        **final,
        "id": task_id,
        "project_id": place.id,
        "parent_id": parent_id,
        "created_by": created_by,
        "created_at": created_at,
        "updated_at": now,
        "completed_at": completed_at,
        "start_on": record.start_on if fields["start_on"] else None,
        "due_on": record.due_on if fields["due_on"] else None,
        "due_at": record.due_at if fields["due_at"] else None,
        "fields": to_json(fields["fields"]).decode(),
        "version": len(facts),
        "milestone_id": final["milestone_id"] and UUID(final["milestone_id"]),
        "cycle_id": final["cycle_id"] and UUID(final["cycle_id"]),
        "recurrence": final["recurrence"] and to_json(final["recurrence"]).decode(),
    }
    return NewTask(_IN_ORDER(columns), facts, key)


def _recurrence(record: ImportedTask, fields: Fields) -> Fields | None:
    """A rule is with a task that is open and due: what is closed has its successor in the file, or is not to recur."""
    if record.recurrence is None or fields["status_category"] in CLOSED:
        return None
    is_due = fields["due_on"] is not None or fields["due_at"] is not None
    return record.recurrence if is_due else None


def differing(before: Fields, said: Chosen, record: ImportedTask, now: datetime) -> dict[str, Any]:
    """The columns in which a task that is there is not what the file says now, with what it says."""
    wanted = dict(said.fields)
    if "fields" in wanted:
        wanted["fields"] = before["fields"] | wanted["fields"]
    for one, other in (("due_on", "due_at"), ("due_at", "due_on")):
        if wanted.get(one) is not None:
            wanted[other] = None
    changes = {name: value for name, value in wanted.items() if before[name] != value}
    if "status" in changes:
        closes = wanted["status_category"] in CLOSED
        changes["status_category"] = wanted["status_category"]
        if closes != (before["completed_at"] is not None):
            changes["completed_at"] = (record.completed_at or now) if closes else None
    elif "status_category" in changes:
        del changes["status_category"]
    return _without_an_early_due(before, changes)


def _without_an_early_due(before: Fields, changes: dict[str, Any]) -> dict[str, Any]:
    start_on, due_on = (changes.get(name, before[name]) for name in ("start_on", "due_on"))
    if start_on and due_on and str(start_on) > str(due_on):
        return {name: value for name, value in changes.items() if name != "start_on"}
    return changes


def _sets(record: ImportedTask, known: Known, problems: list[Problem]) -> dict[str, list[str]]:
    found = {}
    assignees = [str(user_id) for person in record.assignees if (user_id := known.person(person)) is not None]
    labels = [str(label_id) for name in record.labels if (label_id := known.labels.get(folded(name))) is not None]
    for name, ids, most in (("assignee_ids", assignees, MAX_ASSIGNEES), ("label_ids", labels, MAX_LABELS)):
        unique = list(dict.fromkeys(ids))
        if len(unique) > most:
            detail = f"A task has at most {most}; the first were taken"
            problems.append(Problem(record.line, name.removesuffix("_ids"), "too_many", detail, is_lost=False))
        if unique:
            found[name] = unique[:most]
    return found


def _plans(record: ImportedTask, known: Known) -> dict[str, str]:
    named = {
        "milestone_id": known.milestones.get(folded(record.milestone or "")),
        "cycle_id": known.cycles.get(folded(record.cycle or "")),
    }
    return {name: str(of_id) for name, of_id in named.items() if of_id is not None}


def _days(record: ImportedTask, problems: list[Problem]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if record.due_at is not None:
        said["due_at"] = rfc3339(record.due_at)
    elif record.due_on is not None:
        said["due_on"] = record.due_on.isoformat()
    if record.start_on is not None:
        if record.due_on is not None and record.due_at is None and record.start_on > record.due_on:
            detail = "It would start after it is due; the task was taken without this"
            problems.append(Problem(record.line, "start", "starts_after_due", detail, is_lost=False))
        else:
            said["start_on"] = record.start_on.isoformat()
    return said


def _own_values(record: ImportedTask, known: Known) -> tuple[Values, list[Problem]]:
    found, problems = own_fields.values_of(record, known) if record.fields else ({}, [])
    if not record.assignees and record.created_by is None:
        return found, problems
    creators = () if record.created_by is None else (record.created_by,)
    for name, people in ((ASSIGNEE_FIELD, record.assignees), (CREATOR_FIELD, creators)):
        text = kept_as_text(people, known) if people else ""
        if not text:
            continue
        definition = known.definition(name)
        if definition is None:
            detail = f"Nobody of the project is meant, and there is no room for a custom field to keep “{text[:80]}” in"
            problems.append(Problem(record.line, name, "unknown_person", detail, is_lost=False))
        else:
            found = {**found, definition.key: text[:10_000]}
    return found, problems


def _defaults(known: Known, place: Place, now: datetime) -> Fields:
    assert known.starts_in is not None, "a project has a status that is open"
    return {
        "project_id": str(place.id),
        "description": None,
        "status": known.starts_in.key,
        "status_category": known.starts_in.category,
        "priority": Priority.NONE.value,
        **dict.fromkeys(("start_on", "due_on", "due_at", "estimate", "milestone_id", "cycle_id")),
        "assignee_ids": [],
        "label_ids": [],
        "fields": {},
        "updated_at": rfc3339(now),
        "deleted_at": None,
        "version": 1,
    }


def weight(record: ImportedTask) -> int:
    """Roughly how many characters are written for it, so that a batch has a bound."""
    written = len(record.title) + len(record.description or "")
    if record.comments:
        written += sum(len(comment.body) for comment in record.comments)
    # A fact for each thing of it, of some hundred characters.
    things = 1 + len(record.comments) + len(record.history) + len(record.checklist) + len(record.links)
    return written + 500 * things
