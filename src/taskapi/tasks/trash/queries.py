"""The trash in SQL: listed by the time of deletion, and emptied."""

from functools import lru_cache
from typing import Final

from sqlalchemy import Text, and_, bindparam, delete, or_, select

from taskapi.core.db.statements import Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.resources.document import Versioned
from taskapi.models import Project, Task
from taskapi.tasks.queries import KeptRow, task_fields

_BODY: Final = as_json(task_fields(Task, Project.key)).label("body")
_BODY_OF_WRITTEN: Final = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")

_expired = and_(
    Task.project_id == Project.id,
    or_(Task.deleted_at < bindparam("before"), Project.deleted_at < bindparam("before")),
)
EXPIRED: Final = prepare(
    select(Task.id, Project.key.label("project_key"), Task.version, _BODY)
    .where(_expired)
    .limit(200)
    .with_for_update(of=Task, skip_locked=True),
    row=KeptRow,
)
PURGE: Final = prepare(
    delete(Task).where(Task.id == bindparam("of_task")).returning(_BODY_OF_WRITTEN, Task.version), row=Versioned
)

_by_deletion = Keyset.of((Term("deleted_at", descending=True),), {"deleted_at": SortColumn(Task.deleted_at)}, Task.id)
_in_trash = and_(Task.project_id == bindparam("project_id"), Task.deleted_at.is_not(None))
COUNT_TRASH: Final = count_statement(select(Task.id).where(_in_trash))


@lru_cache(64)
def trash(rows: int, *, continues: bool) -> Statement[PageRow]:
    statement = select(_BODY_OF_WRITTEN).where(_in_trash)
    return page_statement(statement, _by_deletion, rows, continues=continues)
