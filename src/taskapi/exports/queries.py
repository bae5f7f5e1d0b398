"""What every export reads first: the small lists of a project, and its tasks in pages. The project has been loaded."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Uuid,
    any_,
    bindparam,
    literal_column,
    select,
    tuple_,
)

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.models import CustomField, Cycle, Label, Member, Milestone, Project, Status, Task, TaskTemplate, User, View
from taskapi.projects.cycles.queries import CYCLE
from taskapi.projects.fields.queries import FIELD
from taskapi.projects.labels.queries import LABEL
from taskapi.projects.milestones.queries import MILESTONE
from taskapi.projects.queries import STATUS
from taskapi.projects.templates.queries import TASK_TEMPLATE
from taskapi.tasks.calendars.queries import calendar_fields
from taskapi.tasks.expansions import expansions
from taskapi.tasks.queries import task_fields
from taskapi.tasks.schemas import Expand
from taskapi.tasks.views.queries import VIEW_FIELDS

PAGE: Final = 200
"""So many tasks at once: some milliseconds of the loop, and a megabyte or two."""


class TaskLine(TypedDict):
    """A task, and what the next page begins after."""

    id: UUID
    created_at: datetime
    body: str


_of_project = bindparam("of_project", type_=Uuid)
_MEMBER: Final[dict[str, Expression]] = {
    "id": User.id,
    "username": User.username,
    "full_name": User.full_name,
    "role": Member.role,
    "joined_at": Member.joined_at,
}
MEMBERS: Final = prepare(
    select(as_json(_MEMBER).label("body"))
    .join(Member, Member.user_id == User.id)
    .where(Member.project_id == _of_project)
    .order_by(Member.joined_at, User.id),
    row=One[str],
)


def _all_of(body: ColumnElement[str], home: Expression, *order: Expression) -> Statement[One[str]]:
    return prepare(select(body.label("body")).where(home == _of_project).order_by(*order), row=One[str])


# In the order in which a reader can make them anew.
DEFINITIONS: Final[dict[str, Statement[One[str]]]] = {
    "status": _all_of(STATUS.body, Status.project_id, Status.position),
    "label": _all_of(LABEL.body, Label.project_id, Label.id),
    "field": _all_of(FIELD.body, CustomField.project_id, CustomField.position),
    "milestone": _all_of(MILESTONE.body, Milestone.project_id, Milestone.id),
    "cycle": _all_of(CYCLE.body, Cycle.project_id, Cycle.starts_on),
    "task_template": _all_of(TASK_TEMPLATE.body, TaskTemplate.project_id, TaskTemplate.id),
    # Shared ones: what somebody keeps for themselves is no part of the project.
    "view": prepare(
        select(as_json(VIEW_FIELDS).label("body"))
        .where(View.project_id == _of_project, View.owner_id.is_(None))
        .order_by(View.id),
        row=One[str],
    ),
}
DERIVED: Final = ("progress",)
"""What some of these tell of other rows."""


def _page(fields: dict[str, Expression], *, continues: bool) -> Statement[TaskLine]:
    """Living tasks, the oldest first: along an index that each project has in one piece."""
    body = as_json(fields).label("body")
    columns: list[Expression] = [Task.id, Task.created_at, body]
    statement: Select[Any] = select(*columns).join(Project, Project.id == Task.project_id)
    statement = statement.where(Task.project_id == _of_project, Task.deleted_at.is_(None))
    if continues:
        after = tuple_(bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid))
        statement = statement.where(tuple_(Task.created_at, Task.id) > after)
    size = literal_column(str(PAGE), Integer)
    return prepare(statement.order_by(Task.created_at, Task.id).limit(size), row=TaskLine)


@lru_cache(2)
def tasks(*, continues: bool) -> Statement[TaskLine]:
    return _page(task_fields(Task, Project.key), continues=continues)


@lru_cache(2)
def rows_of_table(*, continues: bool) -> Statement[TaskLine]:
    fields = {**task_fields(Task, Project.key), **expansions(Task, frozenset({Expand.PARENT}))}
    return _page(fields, continues=continues)


@lru_cache(2)
def calendar_entries(*, continues: bool) -> Statement[TaskLine]:
    return _page(calendar_fields(Task, Project.key), continues=continues)


class PersonLine(TypedDict):
    id: UUID
    body: str


PEOPLE: Final = prepare(
    select(
        User.id,
        as_json({"id": User.id, "username": User.username, "full_name": User.full_name}).label("body"),
    )
    .where(User.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(User.id),
    row=PersonLine,
)
"""Those who are no members any more, and have written something all the same."""
