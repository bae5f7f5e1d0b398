"""What a task names of its project, checked and held; and what it finds of it in another one.

A task that names nothing asks nothing.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.resources.document import Fields
from taskapi.tasks import errors
from taskapi.tasks.changing import Changes, labels
from taskapi.tasks.marks import queries
from taskapi.tasks.marks.queries import NamesakeRow


async def require(session: DbSession, project_id: UUID, changes: Changes, labels_before: Collection[UUID] = ()) -> None:
    """That the project has what a new task names, or a changed one names anew.

    What the task has already is not asked for again: whoever deletes it waits for the task.
    """
    await _require_labels(session, project_id, changes.get("label_ids"), labels_before)
    for name, statement, unknown in _PLANS:
        named = changes.get(name)
        if named is not None and not await session.fetch_values(statement, project_id=project_id, ids=[named]):
            raise unknown()


async def labels_among(session: DbSession, project_id: UUID, label_ids: Sequence[UUID]) -> set[UUID]:
    return set(await session.fetch_values(queries.LABELS, project_id=project_id, ids=list(label_ids)))


async def in_project(session: DbSession, project_id: UUID, moving: Sequence[Fields]) -> list[Changes]:
    """Of tasks that move there: labels and milestones by their names; cycles are each project's own."""
    had = [labels(fields) for fields in moving]
    plans = [None if fields["milestone_id"] is None else UUID(fields["milestone_id"]) for fields in moving]
    named = {label_id: None for of_one in had for label_id in of_one}
    there = await _there(session, queries.LABELS_THERE, project_id, list(named))
    milestones = await _there(session, queries.MILESTONES_THERE, project_id, list({plan for plan in plans if plan}))
    return [
        {
            "label_ids": [there[label_id] for label_id in of_one if label_id in there],
            "milestone_id": None if plan is None else milestones.get(plan),
            "cycle_id": None,
        }
        for of_one, plan in zip(had, plans, strict=True)
    ]


async def _require_labels(
    session: DbSession, project_id: UUID, label_ids: object, labels_before: Collection[UUID]
) -> None:
    wanted: list[UUID] = label_ids if isinstance(label_ids, list) else []
    added = [label_id for label_id in wanted if label_id not in labels_before]
    if not added:
        return
    found = await labels_among(session, project_id, added)
    for index, label_id in enumerate(wanted):
        if label_id not in found and label_id not in labels_before:
            raise errors.unknown_label(index)


async def _there(
    session: DbSession, statement: Statement[NamesakeRow], project_id: UUID, ids: list[UUID]
) -> dict[UUID, UUID]:
    if not ids:
        return {}
    return {row["here"]: row["there"] for row in await session.fetch_rows(statement, project_id=project_id, ids=ids)}


_PLANS: Final = (
    ("milestone_id", queries.MILESTONES, errors.unknown_milestone),
    ("cycle_id", queries.CYCLES, errors.unknown_cycle),
)
