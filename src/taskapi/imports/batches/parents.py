"""Which task an imported one hangs below: of the same batch, or there already; never too deep, never in a circle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.core.errors import Conflict, Invalid
from taskapi.imports import rows
from taskapi.imports.batches import queries
from taskapi.imports.batches.queries import FoundRow
from taskapi.imports.records import ImportedTask, Problem
from taskapi.imports.rows import Row
from taskapi.tasks.tree import service as tree


@dataclass(slots=True)
class Hung:
    """`unresolved` counts those whose parent has not come yet."""

    parents: dict[str, UUID] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unresolved: int = 0


async def choose(
    session: DbSession,
    project_id: UUID,
    ids: Mapping[str, UUID],
    new: Sequence[Row],
    found: Mapping[str, FoundRow],
) -> Hung:
    """By the external id of each new task. The queue of the project is held, so that the tree stays as it is read."""
    hung = Hung()
    wanted = {row.external_id: rows.fitting_id(row.record.parent) for row in new if row.record.parent}
    there = {found[parent]["task_id"] for parent in wanted.values() if parent not in ids and parent in found}
    depths: dict[UUID, int] = {}
    if there:
        answered = await session.fetch_rows(queries.DEPTHS, task_ids=list(there), of_project=project_id)
        depths = {row["task_id"]: row["depth"] for row in answered}
    for row in new:
        parent = wanted.get(row.external_id)
        if parent is None:
            continue
        if parent not in ids and parent not in found:
            hung.unresolved += 1
            continue
        depth = _depth(row.external_id, wanted, ids, found, depths)
        if isinstance(depth, str):
            hung.problems.append(_problem(row.record, "parent_out_of_reach", depth))
        elif depth > tree.DEEPEST:
            hung.problems.append(_problem(row.record, "too_deep", f"It would be more than {tree.DEEPEST} levels down"))
        else:
            hung.parents[row.external_id] = ids[parent] if parent in ids else found[parent]["task_id"]
    return hung


async def why_not(
    session: DbSession, project_id: UUID, record: ImportedTask, parent_id: UUID, task_id: UUID
) -> Problem | None:
    """Why a task that is there cannot hang below that one; None: it can."""
    try:
        await tree.require_place_below(session, project_id, parent_id, task_id)
    except (Conflict, Invalid) as error:
        return _problem(record, error.code, error.detail)
    return None


def _depth(
    external_id: str,
    wanted: Mapping[str, str],
    ids: Mapping[str, UUID],
    found: Mapping[str, FoundRow],
    depths: Mapping[UUID, int],
) -> int | str:
    """How many levels below a task that stands on its own; a text says why there is no such number."""
    walked, here = [external_id], external_id
    while (parent := wanted.get(here)) is not None:
        if parent in walked:
            return "It would hang below itself"
        if parent not in ids:
            if parent not in found:
                break  # it has not come yet: what it hangs below is found out when it does
            above = depths.get(found[parent]["task_id"])
            return "Its parent is in the trash, or in another project" if above is None else above + len(walked) - 1
        walked.append(parent)
        here = parent
    return len(walked) - 1


def _problem(record: ImportedTask, code: str, detail: str) -> Problem:
    return Problem(record.line, "parent", code, f"{detail}; the task stands on its own", is_lost=False)
