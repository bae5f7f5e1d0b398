"""What `expand` counts beside a task: its subtasks and its checklist, each in a subquery of the same statement."""

from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, func, literal_column, select

from taskapi.core.db.statements import Expression
from taskapi.models import ChecklistItem, StatusCategory, Task


def progress(task: Any) -> Expression:  # noqa: ANN401 - Task, or columns named so
    """Of the living subtasks right below; what was cancelled is neither done nor left to do."""
    child = Task.__table__.alias("child")
    is_done = child.c.status_category == literal_column(f"'{StatusCategory.DONE}'")
    is_meant = child.c.status_category != literal_column(f"'{StatusCategory.CANCELLED}'")
    return _counted(child, is_done, child.c.parent_id == task.id, child.c.deleted_at.is_(None), is_meant)


def checklist(task: Any) -> Expression:  # noqa: ANN401
    item = ChecklistItem.__table__.alias("item")
    return _counted(item, item.c.done, item.c.task_id == task.id)


def _counted(of: FromClause, is_done: ColumnElement[bool], *which: ColumnElement[bool]) -> Expression:
    """In one look at them. A list in groups has a column called counted, which a plainer name here would mean."""
    numbers = select(func.count().label("total"), func.count().filter(is_done).label("done")).where(*which)
    counted = numbers.correlate_except(of).lateral("its_counts")
    return select(func.row_to_json(literal_column("its_counts"), type_=JSON)).select_from(counted).scalar_subquery()
