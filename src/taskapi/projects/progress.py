"""How far the tasks of something are, as SQL: a column that records show beside their own fields."""

from sqlalchemy import ColumnElement, column, func, select
from sqlalchemy.dialects.postgresql import JSON

from taskapi.models import Task


def of_tasks(which: ColumnElement[bool]) -> ColumnElement[object]:
    """`{total, done}` of living tasks; done and cancelled ones are done, for nothing is left to do in them."""
    counted = (
        select(func.count().label("total"), func.count(Task.completed_at).label("done"))
        .where(which, Task.deleted_at.is_(None))
        .correlate_except(Task)
        .subquery("counted")
    )
    return select(func.row_to_json(column("counted"), type_=JSON)).select_from(counted).scalar_subquery()
