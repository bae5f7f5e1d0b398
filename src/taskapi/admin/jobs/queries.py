"""Jobs in SQL, in the engine's own tables. A job that failed too often stays there until somebody sees to it."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    literal_column,
    null,
    select,
    table,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ENUM, JSON, JSONB

from taskapi.core.db.statements import Expression, Statement, as_json, prepare
from taskapi.core.lists.paging import count_statement, page_statement
from taskapi.core.lists.sorting import Keyset, SortColumn, Term
from taskapi.core.work import jobs

_STATUS: Final = ENUM(name="pgqueuer_status", schema=jobs.SCHEMA, create_type=False)
_instant: Final = DateTime(timezone=True)
_jobs: Final = table(
    "pgqueuer",
    *(column("id", BigInteger), column("priority", Integer), column("attempts", Integer)),
    *(column("entrypoint", Text), column("status", _STATUS), column("payload"), column("queue_manager_id")),
    *(column(name, _instant) for name in ("created", "updated", "heartbeat", "execute_after")),
    schema=jobs.SCHEMA,
)
_log: Final = table(
    "pgqueuer_log",
    *(column("id", BigInteger), column("job_id", BigInteger), column("status", _STATUS), column("traceback", JSONB)),
    schema=jobs.SCHEMA,
)
_failure = _log.c.traceback
_error: ColumnElement[str] = (
    select(func.left(_failure["exception_type"].astext + ": " + _failure["exception_message"].astext, 1000))
    .where(_log.c.job_id == _jobs.c.id, _failure.is_not(None))
    .order_by(_log.c.id.desc())
    .limit(literal_column("1", Integer))
    .scalar_subquery()
)
_state: ColumnElement[str] = case((_jobs.c.status == "picked", "running"), else_=cast(_jobs.c.status, Text))
_FIELDS: Final[dict[str, Expression]] = {
    "id": _jobs.c.id,
    "name": _jobs.c.entrypoint,
    "state": _state,
    "priority": _jobs.c.priority,
    "attempts": _jobs.c.attempts,
    "arguments": cast(func.convert_from(func.coalesce(_jobs.c.payload, b"{}"), "UTF8"), JSON),
    "error": _error,
    "created_at": _jobs.c.created,
    "updated_at": _jobs.c.updated,
    "run_at": _jobs.c.execute_after,
}
_BODY: Final = as_json(_FIELDS).label("body")
_newest_first = Keyset.of(
    (Term("created_at", descending=True),), {"created_at": SortColumn(_jobs.c.created)}, _jobs.c.id
)
_one = _jobs.c.id == bindparam("job_id")

JOB = prepare(select(_BODY, _state.label("state"), _jobs.c.entrypoint).where(_one).with_for_update(of=_jobs))
RETRY = prepare(
    update(_jobs)
    .where(_one)
    .values(
        status="queued",
        attempts=0,
        execute_after=bindparam("now"),
        updated=bindparam("now"),
        heartbeat=bindparam("now"),
        queue_manager_id=null(),
    )
    .returning(_BODY)
)
# How often it was picked up is what tells a job that kills its workers: it starts anew, too.
FORGET_PICKS = prepare(delete(_log).where(_log.c.job_id == bindparam("job_id"), _log.c.status == "picked"))
DISCARD = prepare(delete(_jobs).where(_one))


def _matches(*, filtered: bool) -> ColumnElement[bool]:
    return and_(true(), _state == bindparam("state")) if filtered else true()


@lru_cache(64)
def page(limit: int, *, filtered: bool, continues: bool) -> Statement[Any]:
    statement = select(_BODY).select_from(_jobs).where(_matches(filtered=filtered))
    return page_statement(statement, _newest_first, limit, continues=continues)


@lru_cache(2)
def count(*, filtered: bool) -> Statement[Any]:
    return count_statement(select(_jobs.c.id).where(_matches(filtered=filtered)))
