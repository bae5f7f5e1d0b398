"""Tasks taken off people and labels, out of statuses, milestones and cycles, in SQL: a step at a time, trash too."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from taskapi.core.db.statements import Expression, Statement, as_json, prepare, rfc3339
from taskapi.core.resources.document import Versioned
from taskapi.models import CustomField, FieldType, Task, TaskField, TaskLabel
from taskapi.tasks.queries import task_fields

STEP: Final = 500


class UnassignedRow(Versioned):
    assignees_before: list[UUID]


class UnlabelledRow(Versioned):
    labels_before: list[UUID]


class MovedRow(Versioned):
    completed_before: str | None


class ClearedRow(Versioned):
    fields_before: str


_WRITTEN: Final = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")
_TOUCHED: Final = {"version": Task.version + 1, "updated_at": bindparam("now")}


def _step(*columns: Expression) -> Select[*tuple[Any, ...]]:
    """Of one project, locked in one order."""
    return (
        select(Task.id, *columns)
        .where(Task.project_id == bindparam("of_project"))
        .order_by(Task.id)
        .limit(literal_column(str(STEP)))
        .with_for_update(key_share=True, of=Task)
    )


def _of_project(which: ColumnElement[bool], *columns: Expression) -> Select[*tuple[Any, ...]]:
    """The living and the trashed are asked for apart: each have an index of their own."""
    return _step(*columns).where(or_(and_(Task.deleted_at.is_(None), which), and_(Task.deleted_at.is_not(None), which)))


_person = bindparam("of_user", type_=Uuid)
_theirs = _of_project(
    Task.assignee_ids.bool_op("@>")(array([_person])), Task.assignee_ids.label("assignees_before")
).cte("theirs")
UNASSIGN: Final = prepare(
    update(Task)
    .where(Task.id == _theirs.c.id)
    .values(assignee_ids=func.array_remove(Task.assignee_ids, _person), **_TOUCHED)
    .returning(_WRITTEN, Task.version, _theirs.c.assignees_before),
    row=UnassignedRow,
)

_label = bindparam("of_label", type_=Uuid)
_with_label = select(TaskLabel.task_id).where(
    TaskLabel.label_id == _label, TaskLabel.project_id == bindparam("of_project")
)
# Asked of the task, too: of one that was locked until now, that is what is looked at again.
_labelled = (
    _step(Task.label_ids.label("labels_before"))
    .where(Task.id.in_(_with_label), Task.label_ids.bool_op("@>")(array([_label])))
    .cte("labelled")
)
UNLABEL: Final = prepare(
    update(Task)
    .where(Task.id == _labelled.c.id)
    .values(label_ids=func.array_remove(Task.label_ids, _label), **_TOUCHED)
    .returning(_WRITTEN, Task.version, _labelled.c.labels_before),
    row=UnlabelledRow,
)

_in_milestone = _step().where(Task.milestone_id == bindparam("of_milestone")).cte("in_milestone")
LEAVE_MILESTONE: Final = prepare(
    update(Task)
    .where(Task.id == _in_milestone.c.id)
    .values(milestone_id=null(), **_TOUCHED)
    .returning(_WRITTEN, Task.version),
    row=Versioned,
)
_in_cycle = _step().where(Task.cycle_id == bindparam("of_cycle"))
_all_in_cycle = _in_cycle.cte("in_cycle")
LEAVE_CYCLE: Final = prepare(
    update(Task)
    .where(Task.id == _all_in_cycle.c.id)
    .values(cycle_id=null(), **_TOUCHED)
    .returning(_WRITTEN, Task.version),
    row=Versioned,
)
_open_in_cycle = _in_cycle.where(Task.completed_at.is_(None), Task.deleted_at.is_(None)).cte("open_in_cycle")
HAND_ON: Final = prepare(
    update(Task)
    .where(Task.id == _open_in_cycle.c.id)
    .values(cycle_id=bindparam("to_cycle"), **_TOUCHED)
    .returning(_WRITTEN, Task.version),
    row=Versioned,
)

_in_it = _of_project(Task.status == bindparam("of_status"), rfc3339(Task.completed_at).label("completed_before")).cte(
    "in_it"
)
_completed = func.coalesce(Task.completed_at, bindparam("now"))
MOVE_OUT: Final = prepare(
    update(Task)
    .where(Task.id == _in_it.c.id)
    .values(
        status=bindparam("to_status"),
        status_category=bindparam("to_category"),
        completed_at=case((bindparam("closes", type_=Boolean), _completed), else_=null()),
        **_TOUCHED,
    )
    .returning(_WRITTEN, Task.version, _in_it.c.completed_before),
    row=MovedRow,
)


def _off(keys: Expression, found: Select[UUID]) -> Statement[ClearedRow]:
    """Takes the values of these keys off the tasks that are found by the table beside them, which has no order here."""
    ids = found.where(TaskField.project_id == bindparam("of_project")).limit(literal_column(str(STEP)))
    locked = select(Task.id, cast(Task.fields, Text).label("fields_before")).where(Task.id.in_(ids)).order_by(Task.id)
    cleared = locked.with_for_update(key_share=True).cte("cleared")
    left = Task.fields.op("-", return_type=JSONB())(keys)
    written = update(Task).where(Task.id == cleared.c.id).values(fields=left, **_TOUCHED)
    return prepare(written.returning(_WRITTEN, Task.version, cleared.c.fields_before), row=ClearedRow)


_with_value = select(TaskField.task_id).distinct()
_field = bindparam("of_field", type_=Text)
CLEAR_FIELD: Final = _off(array([_field]), _with_value.where(TaskField.field == _field))
_name = bindparam("of_name", type_=Text)
_people = (
    select(CustomField.key)
    .where(CustomField.project_id == bindparam("of_project"), CustomField.type == literal(FieldType.USER.value, Text))
    .correlate(None)
)
_theirs_in_it = _people.where(Task.fields.op("->>", return_type=Text())(CustomField.key) == _name).correlate(Task)
CLEAR_PERSON: Final = _off(
    func.array(_theirs_in_it.scalar_subquery(), type_=ARRAY(Text)),
    _with_value.where(TaskField.field.in_(_people), TaskField.value == _name),
)
