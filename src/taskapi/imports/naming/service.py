"""What the names of some records mean in a project; statuses, labels and custom fields that it lacks are made."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, TypeVar
from uuid import UUID

from pydantic import ValidationError

from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.errors import AppError, TransactionConflict
from taskapi.imports import values
from taskapi.imports.known import (
    ASSIGNEE_FIELD,
    CREATOR_FIELD,
    Known,
    KnownStatus,
    folded,
    key_from,
    labels_of,
    meaning_of,
    names_of,
    people_of,
)
from taskapi.imports.naming import queries
from taskapi.imports.naming.queries import StatusRow
from taskapi.imports.records import (
    ImportedChange,
    ImportedComment,
    ImportedFile,
    ImportedPerson,
    ImportedReminder,
    ImportedTask,
    Problem,
)
from taskapi.models import FieldType, StatusCategory
from taskapi.projects.fields import service as custom_fields
from taskapi.projects.fields.schemas import FieldCreate
from taskapi.projects.labels import service as labels
from taskapi.projects.labels.schemas import LabelCreate
from taskapi.projects.statuses import service as statuses
from taskapi.projects.statuses.schemas import StatusCreate
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import CLOSED
from taskapi.tasks.marks import service as marks

_T = TypeVar("_T")
_COLORS: Final = ("#d73a4a", "#0e8a16", "#1d76db", "#fbca04", "#5319e7", "#006b75", "#b60205", "#c2e0c6")
_OURS: Final = 500
_LONGEST_NAME: Final = 200


async def learn(
    session: DbSession,
    caller: Caller,
    project_id: UUID,
    records: Sequence[ImportedTask],
    options: Mapping[str, object],
    default_status: str | None,
) -> tuple[Known, list[Problem]]:
    """What these records name, as it is in the project now or was made; the rest is told as problems."""
    making = _Making(session, caller, str(project_id), options)
    known = Known()
    await _learn_people(session, project_id, records, known)
    await _learn_statuses(making, project_id, records, known, default_status)
    await _learn_labels(making, project_id, records, known)
    await _learn_fields(making, project_id, records, known)
    await _learn_plans(making, project_id, records, known)
    return known, making.problems


class _Making:
    """Makes what a project lacks, where the client lets it; each name is tried once."""

    def __init__(self, session: DbSession, caller: Caller, project: str, options: Mapping[str, object]) -> None:
        self.session, self.caller, self.project, self.options = session, caller, project, options
        self.problems: list[Problem] = []

    def may(self, option: str) -> bool:
        return self.options.get(option, True) is not False

    async def attempt(self, line: int, column: str, make: Callable[[], Awaitable[_T]]) -> _T | None:
        """What was made; None where the project has no room for it, or takes no such name."""
        try:
            async with self.session.savepoint():
                return await make()
        except AppError as error:
            if error.status >= _OURS:
                raise
            self.problems.append(Problem(line, column, error.code, error.detail, is_lost=False))
        except ValidationError:
            self.problems.append(Problem(line, column, "invalid_name", "Nothing can be called so", is_lost=False))
        return None


async def _learn_people(session: DbSession, project_id: UUID, records: Iterable[ImportedTask], known: Known) -> None:
    names = {folded(name) for person in _people(records) for name in (person.email, person.name) if name}
    if not names:
        return
    found: dict[str, set[UUID]] = {}
    for row in await session.fetch_rows(queries.PEOPLE, of_project=project_id, names=sorted(names)):
        for name in (row["email"], row["username"], row["full_name"]):
            if name and folded(name) in names:
                found.setdefault(folded(name), set()).add(row["id"])
    # A name that two people have says nothing.
    unique = {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}
    here = await tasks.members_among(session, project_id, sorted(set(unique.values()))) if unique else set()
    known.people = {name: user_id for name, user_id in unique.items() if user_id in here}


def _people(records: Iterable[ImportedTask]) -> Iterator[ImportedPerson]:
    for record in records:
        yield from record.assignees
        if record.created_by is not None:
            yield record.created_by
        yield from record.mentions
        for person, _ in record.watchers:
            yield person
        for owned in chain[ImportedFile | ImportedReminder](record.files, record.reminders):
            if owned.person is not None:
                yield owned.person
        for comment in record.comments:
            yield from _in_comment(comment)
        yield from (entry.person for entry in record.time if entry.person is not None)
        for change in record.history:
            yield from _in_change(change)
        # Whether a field takes a person is not known yet.
        for said in record.fields.values():
            if isinstance(said, str) and len(said) < _LONGEST_NAME:
                yield values.person(said)


def _in_change(change: ImportedChange) -> Iterator[ImportedPerson]:
    if change.person is not None:
        yield change.person
    yield from (person for side in change.changes.get("assignees", ()) for person in people_of(side))


def _in_comment(comment: ImportedComment) -> Iterator[ImportedPerson]:
    if comment.author is not None:
        yield comment.author
    yield from comment.mentions
    yield from (reaction.person for reaction in comment.reactions)


async def _learn_statuses(
    making: _Making, project_id: UUID, records: Iterable[ImportedTask], known: Known, default: str | None
) -> None:
    rows = await making.session.fetch_rows(queries.STATUSES, of_project=project_id)
    _remember(known, rows)
    taken = {row["key"] for row in rows}
    missing: dict[str, tuple[int, str, str | None]] = {}
    for record in records:
        for name, category in _statuses(record):
            if known.status(name) is None:
                missing.setdefault(folded(name), (record.line, name, category))
    for line, name, category in missing.values():
        if not making.may("create_statuses"):
            detail = f"The project has no status “{name}”; the task starts in its first one"
            making.problems.append(Problem(line, "status", "unknown_status", detail, is_lost=False))
            continue
        key = key_from(name, taken, longest=50, joint="_", fallback="status")

        async def make(key: str = key, name: str = name, category: str | None = category) -> None:
            data = StatusCreate(key=key, name=name, category=StatusCategory(category or meaning_of(name)))
            await statuses.create_status(making.session, making.caller, making.project, data)
            taken.add(key)
            known.statuses[folded(name)] = KnownStatus(key, data.category)

        await making.attempt(line, "status", make)
    ways_in = [row for row in rows if row["category"] not in CLOSED]
    ways_in.sort(key=lambda row: (row["key"] != default, row["category"] != StatusCategory.UNSTARTED))
    first = next((row for row in rows if row["key"] == default), ways_in[0] if ways_in else None)
    known.starts_in = None if first is None else KnownStatus(first["key"], first["category"])
    last = next((row for row in rows if row["category"] == StatusCategory.DONE), None)
    known.ends_in = None if last is None else KnownStatus(last["key"], last["category"])


def _remember(known: Known, rows: Sequence[StatusRow]) -> None:
    """A key goes before a name, and what stands farther left before what has the same name."""
    for row in reversed(rows):
        known.statuses[folded(row["name"])] = KnownStatus(row["key"], row["category"])
    for row in rows:
        known.statuses[row["key"]] = KnownStatus(row["key"], row["category"])


def _statuses(record: ImportedTask) -> Iterator[tuple[str, str | None]]:
    if record.status:
        yield record.status, record.category
    for change in record.history:
        for said in change.changes.get("status", ()):
            if isinstance(said, str) and said.strip():
                yield said.strip()[:200], None


async def _learn_labels(making: _Making, project_id: UUID, records: Iterable[ImportedTask], known: Known) -> None:
    wanted: dict[str, tuple[int, str]] = {}
    colors: dict[str, str] = {}
    for record in records:
        colors |= {folded(name): color for name, color in record.label_colors.items()}
        for name in _labels(record):
            if name.strip() and (key := folded(name)) not in wanted:
                wanted[key] = (record.line, name.strip())
    if not wanted:
        return
    rows = await making.session.fetch_rows(queries.LABELS, of_project=project_id, names=sorted(wanted))
    known.labels = {row["name"]: row["id"] for row in rows}
    for name, (line, written) in wanted.items():
        if name in known.labels:
            continue
        if not making.may("create_labels"):
            detail = f"The project has no label “{written[:100]}”; the task was taken without it"
            making.problems.append(Problem(line, "labels", "unknown_label", detail, is_lost=False))
            continue

        async def make(written: str = written, name: str = name) -> None:
            data = LabelCreate(name=written, color=colors.get(name) or _COLORS[len(name) % len(_COLORS)])
            label = await labels.create_label(making.session, making.caller, making.project, data)
            known.labels[name] = UUID(label.fields()["id"])

        await making.attempt(line, "labels", make)
    here = await marks.labels_among(making.session, project_id, sorted(known.labels.values()))
    if len(here) < len(set(known.labels.values())):
        raise TransactionConflict("A label was deleted at that moment; try again")


def _labels(record: ImportedTask) -> Iterator[str]:
    yield from record.labels
    for change in record.history:
        for side in change.changes.get("labels", ()):
            yield from labels_of(side)


async def _learn_fields(making: _Making, project_id: UUID, records: Sequence[ImportedTask], known: Known) -> None:
    wanted: dict[str, tuple[int, str]] = {}
    for record in records:
        for name in _own_fields(record, known):
            wanted.setdefault(folded(name), (record.line, name))
    if not wanted:
        return
    definitions = await custom_fields.definitions(making.session, project_id, hold=False)
    missing = [found for name, found in wanted.items() if name not in names_of(definitions)]
    taken = set(definitions)
    for line, name in missing:
        key = key_from(name, taken, longest=40, joint="_", fallback="field")

        async def make(key: str = key, name: str = name) -> None:
            data = FieldCreate(key=key, name=name, type=FieldType.TEXT)
            await custom_fields.create_field(making.session, making.caller, making.project, data)
            taken.add(key)

        await making.attempt(line, name, make)
    known.definitions = await custom_fields.definitions(making.session, project_id)
    known.field_keys = names_of(known.definitions)


async def _learn_plans(making: _Making, project_id: UUID, records: Sequence[ImportedTask], known: Known) -> None:
    """Milestones and cycles, of which a name alone makes none."""
    if not any(_names_a_plan(record) for record in records):
        return
    for row in await making.session.fetch_rows(queries.PLANS, of_project=project_id):
        (known.milestones if row["kind"] == "milestone" else known.cycles)[row["name"]] = row["id"]
    for record in records:
        for kind, name, ids in (
            ("milestone", record.milestone, known.milestones),
            ("cycle", record.cycle, known.cycles),
        ):
            if name is not None and folded(name) not in ids:
                detail = f"The project has no {kind} “{name[:100]}”; the task was taken without it"
                making.problems.append(Problem(record.line, kind, f"unknown_{kind}", detail, is_lost=False))


def _names_a_plan(record: ImportedTask) -> bool:
    past = any("milestone" in change.changes or "cycle" in change.changes for change in record.history)
    return past or record.milestone is not None or record.cycle is not None


def _own_fields(record: ImportedTask, known: Known) -> Iterator[str]:
    yield from record.fields
    if any(known.person(person) is None for person in record.assignees):
        yield ASSIGNEE_FIELD
    if record.created_by is not None and known.person(record.created_by) is None:
        yield CREATOR_FIELD
