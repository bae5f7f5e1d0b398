"""What is open, by who is assigned to it, in SQL."""

from functools import lru_cache
from typing import TypedDict
from uuid import UUID

from taskapi.analytics.summary.queries import OPEN, OVERDUE
from taskapi.core.db.statements import Statement, prepare_text


class LoadRow(TypedDict):
    user_id: UUID | None
    open: int
    overdue: int
    estimate: float
    unestimated: int
    due: int
    due_estimate: float
    weekly_capacity: float | None


_DUE = """(
    tasks.due_at >= $begins::timestamptz AND tasks.due_at < $ends::timestamptz
    OR tasks.due_on BETWEEN $first::date AND $last::date
) IS TRUE"""


@lru_cache(32)
def loads(scope_sql: str, members_sql: str) -> Statement[LoadRow]:
    sql = f"""
        WITH counted AS (
            SELECT tasks.assignee_ids, count(*) AS open, count(*) FILTER (WHERE {OVERDUE}) AS overdue,
                coalesce(sum(tasks.estimate), 0) AS estimate,
                count(*) FILTER (WHERE tasks.estimate IS NULL) AS unestimated,
                count(*) FILTER (WHERE {_DUE}) AS due,
                coalesce(sum(tasks.estimate) FILTER (WHERE {_DUE}), 0) AS due_estimate
            FROM {scope_sql} AND {OPEN}
            GROUP BY 1
        ),
        loaded AS (
            SELECT person.id AS user_id, sum(open)::bigint AS open, sum(overdue)::bigint AS overdue,
                sum(estimate) AS estimate, sum(unestimated)::bigint AS unestimated, sum(due)::bigint AS due,
                sum(due_estimate) AS due_estimate
            FROM counted LEFT JOIN LATERAL unnest(counted.assignee_ids) AS person(id) ON true
            GROUP BY 1
        ),
        able AS (
            SELECT person.user_id, sum(person.weekly_capacity) AS weekly_capacity
            FROM {members_sql} AND person.weekly_capacity IS NOT NULL
            GROUP BY 1
        )
        SELECT coalesce(loaded.user_id, able.user_id) AS user_id, coalesce(open, 0) AS open,
            coalesce(overdue, 0) AS overdue, coalesce(estimate, 0) AS estimate,
            coalesce(unestimated, 0) AS unestimated, coalesce(due, 0) AS due,
            coalesce(due_estimate, 0) AS due_estimate, able.weekly_capacity
        FROM loaded FULL JOIN able ON able.user_id = loaded.user_id
        ORDER BY coalesce(open, 0) DESC, 1
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=LoadRow)
