"""Writing one batch: what is new is made, what says something else than before is changed, and the rest is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from taskapi.auth import queries as accounts
from taskapi.core.callers import Caller, CallerKind
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import TransactionConflict
from taskapi.core.ids import new_id
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.imports import errors, rows
from taskapi.imports.batches import parents, parts, queries
from taskapi.imports.batches.queries import FoundRow, HeldRow
from taskapi.imports.children import service as children
from taskapi.imports.children.service import Furnished
from taskapi.imports.choices import service as choices
from taskapi.imports.definitions import service as definitions
from taskapi.imports.files import service as attaching
from taskapi.imports.files.service import Stored
from taskapi.imports.known import Known
from taskapi.imports.naming import service as naming
from taskapi.imports.records import ImportedDefinition, Problem
from taskapi.imports.rows import Entry, Row
from taskapi.models import SystemRole
from taskapi.settings import StorageSettings
from taskapi.tasks import service as tasks
from taskapi.tasks.changing import Changes
from taskapi.tasks.tree import service as tree


@dataclass(slots=True)
class Outcome:
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    unresolved: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Files:
    """What was stored for the tasks of a batch, and how much there may be of it."""

    stored: Stored
    limits: StorageSettings


async def hold(session: DbSession, import_id: UUID) -> HeldRow | None:
    """The import, locked before anything else; None where it is gone with its project."""
    return await session.fetch_row(queries.HOLD, of_import=import_id, now=utc_now())


def require_allowed(held: HeldRow) -> None:
    """Before each batch anew: who began it may have lost the right to meanwhile."""
    if held["is_archived"]:
        raise errors.Stopped("project_archived", "The project was archived; what was written until then stays")
    if not held["may"]:
        raise errors.Stopped(
            "importer_lost_rights",
            "Who began it has no right to write tasks here any more, or its API token was revoked",
        )


def caller_of(held: HeldRow) -> Caller:
    return Caller(
        held["created_by"],
        SystemRole(held["user_role"]),
        kind=CallerKind.IMPORT,
        token_id=held["token_id"],
        timezone=held["timezone"],
    )


async def write(session: DbSession, held: HeldRow, batch: Sequence[Entry], files: Files) -> Outcome:
    """`batch` has no external id twice."""
    outcome = Outcome()
    taken = [one for one in batch if isinstance(one, Row)]
    _note(outcome, (one for one in batch if isinstance(one, Problem)))
    if defined := [one for one in batch if isinstance(one, ImportedDefinition)]:
        _note(outcome, await definitions.make(session, caller_of(held), held["project_id"], defined))
    found = await look_up(session, held, taken)
    new, changed = [], []
    for row in taken:
        before = found.get(row.external_id)
        if before is None:
            new.append(row)
        elif before["digest"] == row.digest:
            outcome.skipped += 1
        elif before["is_trashed"] or not before["is_here"]:
            outcome.skipped += 1
            where = "is in the trash" if before["is_here"] else "has moved to another project"
            detail = f"The task {where}, and was left as it is"
            outcome.problems.append(Problem(row.record.line, None, "task_out_of_reach", detail, is_lost=False))
        else:
            changed.append((row, before))
    if new or changed:
        await _write(session, held, new, changed, found, files, outcome)
    return outcome


async def look_up(session: DbSession, held: HeldRow, taken: Sequence[Row]) -> dict[str, FoundRow]:
    """What came from the same source before: these records, and what they name."""
    wanted = {row.external_id for row in taken}
    wanted |= {rows.fitting_id(row.record.parent) for row in taken if row.record.parent}
    wanted |= {rows.fitting_id(link.external_id) for row in taken for link in row.record.links}
    if not wanted:
        return {}
    found = await session.fetch_rows(
        queries.FOUND, of_project=held["project_id"], source=held["source"], external_ids=list(wanted)
    )
    return {row["external_id"]: row for row in found}


def _note(outcome: Outcome, problems: Iterable[Problem]) -> None:
    for problem in problems:
        outcome.problems.append(problem)
        outcome.failed += problem.is_lost


async def _write(
    session: DbSession,
    held: HeldRow,
    new: Sequence[Row],
    changed: Sequence[tuple[Row, FoundRow]],
    found: Mapping[str, FoundRow],
    files: Files,
    outcome: Outcome,
) -> None:
    caller = caller_of(held)
    records = [row.record for row in (*new, *(row for row, _ in changed))]
    options: Mapping[str, Any] = from_json(held["options"])
    if any(record.reminders for record in records):
        # A trigger reads the time zone, as for one reminder; accounts come before projects and tasks.
        await session.fetch_value(accounts.HOLD, of_user=caller.id)
    known, problems = await naming.learn(session, caller, held["project_id"], records, options, held["default_status"])
    _note(outcome, problems)
    if known.starts_in is None:
        raise errors.Stopped("no_status", "The project has no open status that a task could start in")
    place = Place(held["project_id"], held["project_id"], held["project_key"])
    # The queue of who looks at several tasks of a project, before any of them is locked.
    await tree.enter_queues(session, place.id)
    ids = {row.external_id: new_id() for row in new}
    hung = await parents.choose(session, place.id, ids, new, found)
    # Nothing of a trial stays for the next batch: where its tasks would hang is asked when all are known.
    is_trial = held["dry_run"]
    outcome.unresolved += sum(row.record.parent is not None for row in new) if is_trial else hung.unresolved
    made = await parts.make(session, caller, place, new, ids, hung.parents, known)
    _note(outcome, made.problems)
    furnished = [Furnished(row.record, task, is_new=True) for row, task in zip(new, made.places, strict=True)]
    furnished += await _change(session, caller, place, changed, known, found, outcome)
    await _remember(session, held, new, ids, changed)
    known_ids = {**{external_id: row["task_id"] for external_id, row in found.items()}, **ids}
    done = await children.furnish(session, caller, furnished, known, known_ids)
    _note(outcome, await choices.keep(session, caller, furnished, known))
    if files.stored:
        _note(outcome, await attaching.attach(session, caller, furnished, known, files.stored, files.limits))
    _note(outcome, done.problems)
    outcome.unresolved += done.unresolved
    outcome.created += len(new)


async def _change(
    session: DbSession,
    caller: Caller,
    place: Place,
    changed: Sequence[tuple[Row, FoundRow]],
    known: Known,
    found: Mapping[str, FoundRow],
    outcome: Outcome,
) -> list[Furnished]:
    if not changed:
        return []
    loaded = await session.fetch_rows(
        queries.LOAD, ids=[before["task_id"] for _, before in changed], of_project=place.id
    )
    documents = {row["id"]: Document.of(row) for row in loaded}
    if len(documents) < len(changed):
        raise TransactionConflict("A task was moved or thrown away at that moment; try again")
    changes: list[tuple[Document, Changes]] = []
    furnished, now = [], utc_now()
    for row, before in changed:
        document = documents[before["task_id"]]
        differing = await _differing(session, place, row, document, known, found, now, outcome)
        changes.append((document, differing))
        furnished.append(
            Furnished(row.record, Place(before["task_id"], place.id, document.fields()["key"]), is_new=False)
        )
    await tasks.change_all(session, caller, changes)
    outcome.updated += len(changed)
    return furnished


async def _differing(
    session: DbSession,
    place: Place,
    row: Row,
    document: Document,
    known: Known,
    found: Mapping[str, FoundRow],
    now: datetime,
    outcome: Outcome,
) -> dict[str, Any]:
    said = rows.chosen(row.record, known)
    _note(outcome, said.problems)
    differing = rows.differing(document.fields(), said, row.record, now)
    if row.record.parent:
        parent = found.get(rows.fitting_id(row.record.parent))
        if parent is None:
            outcome.unresolved += 1
        else:
            problem = await hang(session, place, row, document, parent["task_id"], differing)
            _note(outcome, () if problem is None else (problem,))
    return differing


async def hang(
    session: DbSession, place: Place, row: Row, document: Document, parent_id: UUID, changes: dict[str, Any]
) -> Problem | None:
    """Add to the changes that a task which is there hangs below another from now on, or say why it cannot."""
    if document.fields()["parent_id"] == str(parent_id):
        return None
    problem = await parents.why_not(session, place.id, row.record, parent_id, UUID(document.fields()["id"]))
    if problem is None:
        changes["parent_id"] = str(parent_id)
    return problem


async def _remember(
    session: DbSession,
    held: HeldRow,
    new: Sequence[Row],
    ids: Mapping[str, UUID],
    changed: Sequence[tuple[Row, FoundRow]],
) -> None:
    project_id, source = held["project_id"], held["source"]
    if new:
        told = [(project_id, source, row.external_id, ids[row.external_id], row.digest) for row in new]
        try:
            await session.copy(queries.IDS, queries.ID_COLUMNS, told)
        except asyncpg.UniqueViolationError:
            raise TransactionConflict("Another import of the same source wrote the same row; try again") from None
    if changed:
        await session.run(
            queries.REMEMBER,
            of_project=project_id,
            source=source,
            external_ids=[row.external_id for row, _ in changed],
            digests=[row.digest for row, _ in changed],
        )
