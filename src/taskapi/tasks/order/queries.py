"""Ranks in SQL. The living and the trashed are asked for apart, since each have an index of their own."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, bindparam, exists, func, or_, select, union_all

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.http.references import ById
from taskapi.core.resources.document import Versioned
from taskapi.models import Project, ProjectCounter, Task
from taskapi.tasks.queries import task_fields

_others: Final = and_(Task.project_id == bindparam("project_id"), Task.id != bindparam("task_id"))
_LIVING: Final = Task.deleted_at.is_(None)
_TRASHED: Final = Task.deleted_at.is_not(None)
LAST_NUMBER: Final = prepare(
    select(ProjectCounter.last_number).where(ProjectCounter.project_id == bindparam("project_id")), row=One[int]
)


@lru_cache(2)
def neighbour(by: str) -> Statement[One[str]]:
    """The rank of another living task of this project."""
    if by == ById.by:
        which = Task.id == bindparam("of_task_id")
    else:
        which = and_(Project.key == bindparam("of_key"), Task.number == bindparam("of_number"))
    of_another = select(Task.rank).join(Project, Project.id == Task.project_id).where(which, _others)
    return prepare(of_another.where(_LIVING), row=One[str])


def _nearest(ordered: ColumnElement[Any], beyond: ColumnElement[bool]) -> list[Select[str]]:
    return [select(Task.rank).where(_others, beyond, place).order_by(ordered).limit(1) for place in (_LIVING, _TRASHED)]


_below = union_all(*_nearest(Task.rank.desc(), Task.rank < bindparam("rank"))).subquery("below")
RANK_BELOW: Final = prepare(select(func.max(_below.c.rank)), row=One[str | None])
_above = union_all(*_nearest(Task.rank.asc(), Task.rank > bindparam("rank"))).subquery("above")
RANK_ABOVE: Final = prepare(select(func.min(_above.c.rank)), row=One[str | None])

IS_TAKEN: Final = prepare(
    select(or_(*(exists().where(_others, Task.rank == bindparam("rank"), place) for place in (_LIVING, _TRASHED)))),
    row=One[bool],
)


def _nearest_tasks(beyond: ColumnElement[bool], *, downwards: bool) -> Statement[Versioned]:
    """So many on one side of a place, locked in the order of their ids."""
    most = bindparam("most", type_=Integer)

    def order(rank: Expression, task_id: Expression) -> tuple[Expression, Expression]:
        return (rank.desc(), task_id.desc()) if downwards else (rank, task_id)

    near = union_all(
        *(
            select(Task.id, Task.rank).where(_others, beyond, place).order_by(*order(Task.rank, Task.id)).limit(most)
            for place in (_LIVING, _TRASHED)
        )
    ).subquery("near")
    nearest = select(near.c.id).order_by(*order(near.c.rank, near.c.id)).limit(most)
    body = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")
    statement = select(body, Task.version).where(Task.id.in_(nearest)).order_by(Task.id)
    return prepare(statement.with_for_update(key_share=True, of=Task), row=Versioned)


NEAREST_BELOW: Final = _nearest_tasks(Task.rank <= bindparam("rank"), downwards=True)
NEAREST_ABOVE: Final = _nearest_tasks(Task.rank >= bindparam("rank"), downwards=False)
