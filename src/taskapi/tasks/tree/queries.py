"""Subtasks in SQL, at any depth. Whoever asks holds the queue of the project, so that the tree stays as it is read."""

from functools import lru_cache
from typing import Final, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.selectable import LateralFromClause

from taskapi.core.access.reach import Reach, join_members, project_columns
from taskapi.core.db.statements import One, Statement, as_json, prepare
from taskapi.core.resources.document import Versioned
from taskapi.models import Project, ProjectCounter, Task
from taskapi.tasks.queries import JOINED, is_named, task_fields

STEP: Final = 500


class QueueRow(TypedDict):
    """The project whose queue the caller holds now."""

    queued_in: UUID
    project_id: NotRequired[UUID]
    project_key: NotRequired[str]


_BODY: Final = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")
_STAMP: Final = bindparam("stamp", type_=DateTime(timezone=True))


@lru_cache(8)
def queue(by: str, reach: Reach) -> Statement[QueueRow]:
    """Whoever orders, re-parents, trashes or restores waits here for the one before, and then looks at the others."""
    statement = (
        select(ProjectCounter.project_id.label("queued_in"), *project_columns(reach))
        .select_from(Task)
        .join(Project, JOINED)
        .join(ProjectCounter, ProjectCounter.project_id == Project.id)
    )
    return prepare(
        join_members(statement, reach).where(is_named(by)).with_for_update(key_share=True, of=ProjectCounter),
        row=QueueRow,
    )


# Of several projects at once, in one order.
QUEUES: Final = prepare(
    select(ProjectCounter.project_id)
    .where(ProjectCounter.project_id == any_(bindparam("project_ids", type_=ARRAY(Uuid))))
    .order_by(ProjectCounter.project_id)
    .with_for_update(key_share=True),
    row=One[UUID],
)


def children_of(parents: CTE, *which: ColumnElement[bool]) -> LateralFromClause:
    """Looked up parent by parent: OFFSET 0 keeps PostgreSQL from reading all tasks into a hash, as it would rather."""
    children = select(Task.id).where(Task.parent_id == parents.c.id, *which).offset(literal_column("0"))
    return children.correlate(parents).lateral("children")


# From the parent up to its topmost task; none: it is no living task of this project.
_above = (
    select(Task.id, Task.parent_id)
    .where(Task.id == bindparam("task_id"), Task.project_id == bindparam("project_id"), Task.deleted_at.is_(None))
    .cte("above", recursive=True)
)
_up = select(Task.id, Task.parent_id).join(_above, Task.id == _above.c.parent_id)
ANCESTORS: Final = prepare(select(_above.union(_up).c.id), row=One[UUID])

# Those in the trash count: they come back to where they were.
_level: Final[ColumnElement[int]] = literal_column("1")
_here = select(Task.id, _level.label("level")).where(Task.id == bindparam("task_id")).cte("here", recursive=True)
_children = children_of(_here)
_deeper = select(_children.c.id, (_here.c.level + _level).label("level")).select_from(_here.join(_children, true()))
LEVELS: Final = prepare(select(func.max(_here.union(_deeper).c.level)), row=One[int])


def _below(passes: ColumnElement[bool]) -> CTE:
    """All at any depth, by way of those that pass."""
    first = select(Task.id).where(Task.parent_id == bindparam("of_task"), passes).cte("below", recursive=True)
    children = children_of(first, passes)
    return first.union(select(children.c.id).select_from(first.join(children, true())))


def _documents(below: CTE, which: ColumnElement[bool], most: int) -> Statement[Versioned]:
    # As an array, each is looked up by its id; joined and in this order, all tasks of the service would be walked.
    found = select(_BODY, Task.version).where(Task.id == any_(func.array(select(below.c.id).scalar_subquery())), which)
    statement = found.order_by(Task.id)
    limited = statement.limit(literal_column(str(most)))
    return prepare(limited.with_for_update(key_share=True, of=Task), row=Versioned)


# A step at a time: what the steps before have written is passed, and not found again.
_passes: Final = or_(Task.deleted_at.is_(None), Task.deleted_at == _STAMP)
LIVING_BELOW: Final = _documents(_below(_passes), Task.deleted_at.is_(None), STEP)
TRASHED_BELOW: Final = _documents(_below(_passes), Task.deleted_at == _STAMP, STEP)
ALL_LIVING_BELOW: Final = _documents(_below(Task.deleted_at.is_(None)), Task.deleted_at.is_(None), STEP + 1)

_of_these: Final = Task.parent_id == any_(bindparam("of_tasks", type_=ARRAY(Uuid)))
_in_trash = select(_BODY, Task.version).where(_of_these, Task.deleted_at.is_not(None)).order_by(Task.id)
TRASHED_CHILDREN: Final = prepare(_in_trash.with_for_update(key_share=True), row=Versioned)
ORPHAN: Final = prepare(
    update(Task)
    .where(Task.parent_id == bindparam("of_task"))
    .values(parent_id=None, version=Task.version + 1, updated_at=bindparam("now"))
    .returning(_BODY, Task.version),
    row=Versioned,
)
