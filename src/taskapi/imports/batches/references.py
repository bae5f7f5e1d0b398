"""The second time through a file: parents and links whose other end came later than what names it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document
from taskapi.core.resources.records import Place
from taskapi.imports import rows
from taskapi.imports.batches import parents, queries, trial
from taskapi.imports.batches import service as batches
from taskapi.imports.batches.queries import FoundRow, HeldRow
from taskapi.imports.batches.service import Outcome
from taskapi.imports.batches.trial import Outline
from taskapi.imports.children import service as children
from taskapi.imports.children.service import Done, Furnished
from taskapi.imports.rows import Entry, Row
from taskapi.tasks import service as tasks
from taskapi.tasks.tree import service as tree


async def write(session: DbSession, held: HeldRow, batch: Sequence[Entry], outline: Outline | None) -> Outcome:
    """`outline` is that of the file, in a trial."""
    outcome = Outcome()
    naming = [one for one in batch if isinstance(one, Row) and (one.record.parent or one.record.links)]
    if not naming:
        return outcome
    found = await batches.look_up(session, held, naming)
    if outline is not None:
        outcome.problems += await trial.problems_of(session, held, naming, found, outline)
        return outcome
    here = [
        row for row in naming if (task := found.get(row.external_id)) and task["is_here"] and not task["is_trashed"]
    ]
    if not here:
        return outcome
    place = Place(held["project_id"], held["project_id"], held["project_key"])
    await tree.enter_queues(session, place.id)
    loaded = await session.fetch_rows(
        queries.LOAD, ids=[found[row.external_id]["task_id"] for row in here], of_project=place.id
    )
    documents = {row["id"]: Document.of(row) for row in loaded}
    await _hang(session, held, place, here, found, documents, outcome)
    await _link(session, held, place, here, found, documents, outcome)
    return outcome


async def _hang(
    session: DbSession,
    held: HeldRow,
    place: Place,
    here: Sequence[Row],
    found: Mapping[str, FoundRow],
    documents: Mapping[UUID, Document],
    outcome: Outcome,
) -> None:
    """One after the other, for each changes what is too deep or a circle for the next."""
    caller = batches.caller_of(held)
    for row in here:
        document = documents.get(found[row.external_id]["task_id"])
        if not row.record.parent or document is None or document.fields()["parent_id"] is not None:
            continue
        parent = found.get(rows.fitting_id(row.record.parent))
        if parent is None:
            outcome.problems.append(parents.unknown(row.record))
            continue
        if parent["is_trashed"] or not parent["is_here"]:
            outcome.problems.append(parents.problem_of(row.record, *parents.OUT_OF_REACH))
            continue
        changes: dict[str, object] = {}
        problem = await batches.hang(session, place, row, document, parent["task_id"], changes)
        if problem is not None:
            outcome.problems.append(problem)
        elif changes:
            await tasks.change_all(session, caller, [(document, changes)])


async def _link(
    session: DbSession,
    held: HeldRow,
    place: Place,
    here: Sequence[Row],
    found: Mapping[str, FoundRow],
    documents: Mapping[UUID, Document],
    outcome: Outcome,
) -> None:
    done = Done()
    ids = {external_id: row["task_id"] for external_id, row in found.items()}
    for row in here:
        document = documents.get(found[row.external_id]["task_id"])
        if row.record.links and document is not None:
            task = Place(found[row.external_id]["task_id"], place.id, document.fields()["key"])
            one = Furnished(row.record, task, is_new=False)
            await children.link(session, batches.caller_of(held), one, ids, done, is_last=True)
    outcome.problems += done.problems
