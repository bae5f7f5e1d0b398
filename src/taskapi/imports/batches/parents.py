"""Which task an imported one hangs below: of the same batch, or there already; never too deep, never in a circle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.core.errors import Conflict, Invalid
from taskapi.imports import rows
from taskapi.imports.batches import queries
from taskapi.imports.batches.queries import FoundRow
from taskapi.imports.records import ImportedTask, Problem
from taskapi.imports.rows import Row
from taskapi.tasks.tree import service as tree

OUT_OF_REACH: Final = ("parent_out_of_reach", "Its parent is in the trash, or in another project")
CIRCLE: Final = ("parent_cycle", "It would hang below itself")
TOO_DEEP: Final = ("too_deep", f"Subtasks hang {tree.DEEPEST} levels below the topmost task at most")


@dataclass(slots=True)
class Hung:
    """`unresolved` counts those that hang nowhere yet. Why is found, and told, the second time through the file."""

    parents: dict[str, UUID] = field(default_factory=dict)
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
        if not chosen.has_place(row.external_id, parent, _outer_depth(parent, ids, found, depths)):
            hung.unresolved += 1
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

    def has_place(self, external_id: str, parent: str, outer_depth: int | None) -> bool:
        """`outer_depth` is that of a parent which was there before; 0: it is new; None: it is out of reach."""
        if outer_depth is None:
            return False
        above, here = 1, parent
        while here in self.parents:
            if here == external_id:
                return False
            here = self.parents[here]
            above += 1
        if here == external_id:
            return False
        above += max(outer_depth, self.depths.get(here, 1)) - 1
        return above + self._levels(external_id) <= tree.DEEPEST

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
        return problem_of(record, error.code, error.detail)
    return None


def problem_of(record: ImportedTask, code: str, detail: str) -> Problem:
    return Problem(record.line, "parent", code, f"{detail}; the task stands on its own", is_lost=False)


def unknown(record: ImportedTask) -> Problem:
    return problem_of(record, "unknown_parent", f"Nothing in the file has the id “{(record.parent or '')[:100]}”")
