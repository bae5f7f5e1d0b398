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
    chosen = _Chosen()
    for row in new:
        parent = wanted.get(row.external_id)
        if parent is None:
            continue
        if parent not in ids and parent not in found:
            hung.unresolved += 1
            continue
        problem = chosen.why_not(row.external_id, parent, _outer_depth(parent, ids, found, depths))
        if problem is not None:
            hung.problems.append(_problem(row.record, *problem))
        else:
            chosen.hang(row.external_id, parent)
            hung.parents[row.external_id] = ids[parent] if parent in ids else found[parent]["task_id"]
            if parent not in ids:
                chosen.depths[parent] = depths[found[parent]["task_id"]]
    return hung


class _Chosen:
    """The tree as far as it is chosen, one task after the other: whoever comes first gets the parent that it names."""

    def __init__(self) -> None:
        self.parents: dict[str, str] = {}
        self.children: dict[str, list[str]] = {}
        self.depths: dict[str, int] = {}
        """Of tasks that were there before: how many tasks each is below, itself among them."""

    def hang(self, external_id: str, parent: str) -> None:
        self.parents[external_id] = parent
        self.children.setdefault(parent, []).append(external_id)

    def why_not(self, external_id: str, parent: str, outer_depth: int | None) -> tuple[str, str] | None:
        """`outer_depth` is that of a parent which was there before; 0: it is new; None: it is out of reach."""
        if outer_depth is None:
            return "parent_out_of_reach", "Its parent is in the trash, or in another project"
        above, here = 1, parent
        while here in self.parents:
            if here == external_id:
                break
            here = self.parents[here]
            above += 1
        if here == external_id:
            return "parent_cycle", "It would hang below itself"
        above += max(outer_depth, self.depths.get(here, 1)) - 1
        if above + self._levels(external_id) > tree.DEEPEST:
            return "too_deep", f"Subtasks hang {tree.DEEPEST} levels below the topmost task at most"
        return None

    def _levels(self, external_id: str) -> int:
        """How many levels hang below it already: never more than may be."""
        return max((1 + self._levels(child) for child in self.children.get(external_id, ())), default=0)


def _outer_depth(
    parent: str, ids: Mapping[str, UUID], found: Mapping[str, FoundRow], depths: Mapping[UUID, int]
) -> int | None:
    return 0 if parent in ids else depths.get(found[parent]["task_id"])


async def why_not(
    session: DbSession, project_id: UUID, record: ImportedTask, parent_id: UUID, task_id: UUID
) -> Problem | None:
    """Why a task that is there cannot hang below that one; None: it can."""
    try:
        await tree.require_place_below(session, project_id, parent_id, task_id)
    except (Conflict, Invalid) as error:
        return _problem(record, error.code, error.detail)
    return None


def _problem(record: ImportedTask, code: str, detail: str) -> Problem:
    return Problem(record.line, "parent", code, f"{detail}; the task stands on its own", is_lost=False)
