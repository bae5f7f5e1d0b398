"""Tasks copied, in SQL: read in steps, and written in steps from JSON."""

from typing import Any, Final, TypedDict
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, any_, bindparam, column, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from taskapi.core.db.statements import as_json, prepare
from taskapi.core.resources.document import Versioned
from taskapi.models import ProjectCounter, Task
from taskapi.tasks.queries import task_fields

MOST: Final = 2000
STEP: Final = 200


class OutlineRow(TypedDict):
    id: UUID
    parent_id: UUID | None
    number: int
    rank: str


_TABLE: Final[Any] = Task.__table__
_BODY: Final = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")
# What is computed, counted or of the trash is not given; all else is a public field.
_NOT_GIVEN: Final = {"due_first", "due_last", "title_order", "version", "deleted_at"}
GIVEN: Final = tuple(c.name for c in _TABLE.c if c.name not in _NOT_GIVEN)

# Held, so that none is purged, or moves elsewhere, before it is read.
OUTLINE: Final = prepare(
    select(Task.id, Task.parent_id, Task.number, Task.rank)
    .where(Task.project_id == bindparam("of_project"), Task.deleted_at.is_(None))
    .order_by(Task.id)
    .limit(literal_column(str(MOST + 1), Integer))
    .with_for_update(read=True, key_share=True),
    row=OutlineRow,
)
READ: Final = prepare(
    select(_BODY, Task.version).where(Task.id == any_(bindparam("ids", type_=ARRAY(Uuid)))).order_by(Task.number),
    row=Versioned,
)
_rows = (
    func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    .table_valued(*(column(name, _TABLE.c[name].type) for name in GIVEN))
    .render_derived(name="given", with_types=True)
)
WRITE: Final = prepare(
    insert(Task).from_select(GIVEN, select(*(_rows.c[name] for name in GIVEN))).returning(_BODY, Task.version),
    row=Versioned,
)
COUNT_ON: Final = prepare(
    update(ProjectCounter)
    .where(ProjectCounter.project_id == bindparam("of_project"))
    .values(last_number=bindparam("last"))
)
