"""How far the tasks of something are, as SQL: a column that records show beside their own fields."""

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, column, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import InstrumentedAttribute

from taskapi.models import Task


def of_tasks(of: InstrumentedAttribute[UUID | None], owner: str) -> ColumnElement[object]:
    """`{total, done}` of living tasks; done and cancelled ones are done, for nothing is left to do in them.

    `of` says whose a task is, `owner` names the table of these. It is written as a text: what an INSERT returns is no
    query that SQLAlchemy would correlate with, so that it would count the tasks of all of them.
    """
    counted = (
        select(func.count().label("total"), func.count(Task.completed_at).label("done"))
        .where(of == literal_column(f"{owner}.id", Uuid), Task.deleted_at.is_(None))
        .subquery("counted")
    )
    return select(func.row_to_json(column("counted"), type_=JSON)).select_from(counted).scalar_subquery()
