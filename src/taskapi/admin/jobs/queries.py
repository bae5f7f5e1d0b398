"""Jobs in SQL, in the engine's own tables. A job that failed too often stays there until somebody sees to it."""

from functools import lru_cache
from typing import Final, TypedDict

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    null,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSON

from taskapi.core.db.statements import Expression, One, Statement, as_json, prepare
from taskapi.core.lists.paging import PageRow, count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.work.tables import JOBS, LOG


class JobRow(TypedDict):
    body: str
    state: str
    entrypoint: str


_failure = LOG.c.traceback
_error: ColumnElement[str] = (
    select(func.left(_failure["exception_type"].astext + ": " + _failure["exception_message"].astext, 1000))
    .where(LOG.c.job_id == JOBS.c.id, _failure.is_not(None))
    .order_by(LOG.c.id.desc())
    .limit(literal_column("1", Integer))
    .scalar_subquery()
)
_state: ColumnElement[str] = case((JOBS.c.status == "picked", "running"), else_=cast(JOBS.c.status, Text))
_FIELDS: Final[dict[str, Expression]] = {
    "id": JOBS.c.id,
    "name": JOBS.c.entrypoint,
    "state": _state,
    "priority": JOBS.c.priority,
    "attempts": JOBS.c.attempts,
    "arguments": cast(func.convert_from(func.coalesce(JOBS.c.payload, b"{}"), "UTF8"), JSON),
    "error": _error,
    "created_at": JOBS.c.created,
    "updated_at": JOBS.c.updated,
    "run_at": JOBS.c.execute_after,
}
_BODY: Final = as_json(_FIELDS).label("body")
_newest_first = Keyset.of((Term("created_at", descending=True),), {"created_at": SortColumn(JOBS.c.created)}, JOBS.c.id)
_one = JOBS.c.id == bindparam("job_id")

JOB = prepare(select(_BODY, _state.label("state"), JOBS.c.entrypoint).where(_one).with_for_update(of=JOBS), row=JobRow)
JOB_SEEN = prepare(select(_BODY).where(_one), row=One[str])
RETRY = prepare(
    update(JOBS)
    .where(_one)
    .values(
        status="queued",
        attempts=0,
        execute_after=bindparam("now"),
        updated=bindparam("now"),
        heartbeat=bindparam("now"),
        queue_manager_id=null(),
    )
    .returning(_BODY),
    row=One[str],
)
# How often it was picked up is what tells a job that kills its workers: it starts anew, too.
FORGET_PICKS = prepare(delete(LOG).where(LOG.c.job_id == bindparam("job_id"), LOG.c.status == "picked"))
DISCARD = prepare(delete(JOBS).where(_one))


def _matches(*, filtered: bool) -> ColumnElement[bool]:
    return and_(true(), _state == bindparam("state")) if filtered else true()


@lru_cache(64)
def page(limit: int, *, filtered: bool, continues: bool) -> Statement[PageRow]:
    statement = select(_BODY).select_from(JOBS).where(_matches(filtered=filtered))
    return page_statement(statement, _newest_first, limit, continues=continues)


@lru_cache(2)
def count(*, filtered: bool) -> Statement[One[int]]:
    return count_statement(select(JOBS.c.id).where(_matches(filtered=filtered)))
