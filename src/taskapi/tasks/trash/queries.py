"""The trash of a project in SQL. The project has been loaded with the caller before."""

from functools import lru_cache
from typing import Final

from sqlalchemy import Text, and_, bindparam, select

from taskapi.core.db.statements import Statement, as_json
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Task
from taskapi.tasks.queries import task_fields

_body = as_json(task_fields(Task, bindparam("project_key", type_=Text))).label("body")
_by_deletion = Keyset.of((Term("deleted_at", descending=True),), {"deleted_at": SortColumn(Task.deleted_at)}, Task.id)
_in_trash = and_(Task.project_id == bindparam("project_id"), Task.deleted_at.is_not(None))
COUNT: Final = count_statement(select(Task.id).where(_in_trash))


@lru_cache(64)
def page(rows: int, *, continues: bool) -> Statement[PageRow]:
    statement = select(_body).where(_in_trash)
    return page_statement(statement, _by_deletion, rows, continues=continues)
