"""What `expand` adds to a task, each in the statement that reads it."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Text, any_, cast, extract, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from taskapi.core.db.statements import Expression, as_json
from taskapi.models import Comment, Label, Project, Task, TimeEntry, User
from taskapi.tasks import counts
from taskapi.tasks.schemas import Expand

_DASH: Final[ColumnElement[str]] = literal_column("'-'")
_WORKED: Final = cast(
    func.coalesce(
        func.sum(func.floor(extract("epoch", TimeEntry.ended_at - TimeEntry.started_at))),
        literal_column("0"),
    ),
    BigInteger,
)
_IS_RUNNING: Final = func.coalesce(func.bool_or(TimeEntry.ended_at.is_(None)), literal_column("false"))


def expansions(task: Any, wanted: frozenset[Expand]) -> dict[str, Expression]:  # noqa: ANN401
    """What `expand` adds, in the same statement; HTML is made of the row that comes."""
    person = as_json({"id": User.id, "username": User.username, "full_name": User.full_name}, cast_to_text=False)
    in_their_order = aggregate_order_by(person, func.array_position(task.assignee_ids, User.id))
    label = as_json({"id": Label.id, "name": Label.name, "color": Label.color}, cast_to_text=False)
    labels_in_order = aggregate_order_by(label, func.array_position(task.label_ids, Label.id))
    parent, parents_project = Task.__table__.alias("parent"), Project.__table__.alias("parents_project")
    own_project = Project.__table__.alias("own_project")
    choices: dict[Expand, Expression] = {
        Expand.ASSIGNEES: select(
            func.coalesce(func.array_to_json(func.array_agg(in_their_order)), literal_column("'[]'::json"))
        )
        .where(User.id == any_(task.assignee_ids))
        .correlate_except(User)
        .scalar_subquery(),
        Expand.LABELS: select(
            func.coalesce(func.array_to_json(func.array_agg(labels_in_order)), literal_column("'[]'::json"))
        )
        .where(Label.id == any_(task.label_ids))
        .correlate_except(Label)
        .scalar_subquery(),
        Expand.COMMENTS_COUNT: select(func.count())
        .select_from(Comment)
        .where(Comment.task_id == task.id)
        .correlate_except(Comment)
        .scalar_subquery(),
        Expand.CREATOR: select(person).where(User.id == task.created_by).correlate_except(User).scalar_subquery(),
        Expand.PARENT: select(
            as_json(
                {
                    "id": parent.c.id,
                    "key": parents_project.c.key + _DASH + cast(parent.c.number, Text),
                    "title": parent.c.title,
                    "status": parent.c.status,
                    "status_category": parent.c.status_category,
                },
                cast_to_text=False,
            )
        )
        .where(
            parent.c.id == task.parent_id, parent.c.deleted_at.is_(None), parents_project.c.id == parent.c.project_id
        )
        .correlate_except(parent, parents_project)
        .scalar_subquery(),
        Expand.PROJECT: select(
            as_json({"id": own_project.c.id, "key": own_project.c.key, "name": own_project.c.name}, cast_to_text=False)
        )
        .where(own_project.c.id == task.project_id)
        .correlate_except(own_project)
        .scalar_subquery(),
        Expand.TIME: select(as_json({"seconds": _WORKED, "running": _IS_RUNNING}, cast_to_text=False))
        .where(TimeEntry.task_id == task.id)
        .correlate_except(TimeEntry)
        .scalar_subquery(),
    }
    choices[Expand.PROGRESS] = counts.progress(task)
    choices[Expand.CHECKLIST] = counts.checklist(task)
    return {str(name): choices[name] for name in choices if name in wanted}
