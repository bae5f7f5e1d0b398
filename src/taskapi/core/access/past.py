"""What somebody sees of a change that happened between two projects, one of which they may not be in."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from taskapi.core.access.reach import Reach, membership
from taskapi.core.change_log.rendering import CHANGE_FIELDS
from taskapi.core.db.statements import Expression
from taskapi.models import Event, Member

_FROM: ColumnElement[str] = Event.changes[("project_id", "0")].astext
# A text, so that the question about members takes it from the event it is asked for, and not from a list of all events.
_FROM_ID: ColumnElement[UUID] = literal_column("CAST(events.changes #>> '{project_id,0}' AS uuid)", Uuid)
_TASK: ColumnElement[str] = literal_column("'task'")
_each = func.jsonb_each(Event.changes).table_valued(column("key", Text), column("value", JSONB), name="each")
_ARRIVED: Expression = (
    select(func.jsonb_object_agg(_each.c.key, func.jsonb_build_array(null(), _each.c.value[literal_column("1")])))
    .select_from(_each)
    .scalar_subquery()
)
_CAME: ColumnElement[bool] = and_(Event.subject_type == _TASK, cast(Event.project_id, Text) != _FROM)
SEEN_FROM_THE_PROJECT: Expression = case((_CAME, _ARRIVED), else_=Event.changes)
"""What changed, for whoever is in the project of the change and perhaps in no other."""


def change_fields(reach: Reach) -> Mapping[str, Expression]:
    """A change as `reach` shows it, in a statement that has the values of `membership`.

    Who is not in the project that a task comes from sees it arrive: what it is now, and nothing of what it was there,
    for the statuses, labels and custom values of a project are its members' own.
    """
    member = Member.__table__.alias("former")
    was_there = exists().where(member.c.project_id == _FROM_ID, membership(reach, member.c))
    return {**CHANGE_FIELDS, "changes": case((and_(_CAME, ~was_there), _ARRIVED), else_=Event.changes)}
