"""Statuses in SQL. The project has been loaded with the caller before."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from taskapi.core.db.statements import Statement, as_json
from taskapi.core.lists.paging import count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.models import Status

_FIELDS = {
    "id": Status.id,
    "key": Status.key,
    "name": Status.name,
    "category": Status.category,
    "position": Status.position,
    "wip_limit": Status.wip_limit,
    "version": Status.version,
}
_of_project = Status.project_id == bindparam("project_id")
_by_position = Keyset.of((Term("position"),), {"position": SortColumn(Status.position)}, Status.id)
COUNT = count_statement(select(Status.id).where(_of_project))


@lru_cache(64)
def page(limit: int, *, continues: bool) -> Statement[Any]:
    statement = select(as_json(_FIELDS).label("body")).where(_of_project)
    return page_statement(statement, _by_position, limit, continues=continues)
