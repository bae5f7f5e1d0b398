"""What a calendar shows of a task, in SQL: a part of the statements of those who choose the tasks."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from taskapi.core.db.statements import Expression, as_json
from taskapi.models import Reminder
from taskapi.tasks.expansions import expansions
from taskapi.tasks.queries import task_fields
from taskapi.tasks.schemas import Expand

_NONE: Final[ColumnElement[object]] = literal_column("'[]'::json")
_EXPANDED: Final = frozenset({Expand.LABELS, Expand.CHECKLIST})
_ALARM: Final = as_json(
    {"at": Reminder.at, "minutes_before": Reminder.minutes_before, "remind_at": Reminder.remind_at}, cast_to_text=False
)


def calendar_fields(task: Any, project_key: Expression) -> dict[str, Expression]:  # noqa: ANN401 - Task, or columns named so
    """A task with its labels, how far its checklist is, and the reminders of `reminders_of`; nobody else's."""
    alarms = (
        select(func.coalesce(func.json_agg(aggregate_order_by(_ALARM, Reminder.id)), _NONE))
        .where(Reminder.task_id == task.id, Reminder.user_id == bindparam("reminders_of", type_=Uuid))
        .correlate_except(Reminder)
        .scalar_subquery()
    )
    return {**task_fields(task, project_key), **expansions(task, _EXPANDED), "reminders": alarms}
