"""What `expand` counts beside a task: its subtasks and its checklist, each in a subquery of the same statement."""

from typing import Any

from sqlalchemy import func, literal_column, select

from taskapi.core.db.statements import Expression, as_json
from taskapi.models import ChecklistItem, StatusCategory, Task


def progress(task: Any) -> Expression:  # noqa: ANN401 - Task, or columns named so
    """Of the living subtasks right below; what was cancelled is neither done nor left to do."""
    child = Task.__table__.alias("child")
    is_done = child.c.status_category == literal_column(f"'{StatusCategory.DONE}'")
    return (
        select(_counted(func.count(), func.count().filter(is_done)))
        .where(
            child.c.parent_id == task.id,
            child.c.deleted_at.is_(None),
            child.c.status_category != literal_column(f"'{StatusCategory.CANCELLED}'"),
        )
        .correlate_except(child)
        .scalar_subquery()
    )


def checklist(task: Any) -> Expression:  # noqa: ANN401
    item = ChecklistItem.__table__.alias("item")
    return (
        select(_counted(func.count(), func.count().filter(item.c.done)))
        .where(item.c.task_id == task.id)
        .correlate_except(item)
        .scalar_subquery()
    )


def _counted(total: Expression, done: Expression) -> Expression:
    return as_json({"total": total, "done": done}, cast_to_text=False)
