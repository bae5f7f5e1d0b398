"""The summary in SQL: the tasks are read once, and counted by what they have in common."""

from functools import lru_cache
from typing import Final, TypedDict

from taskapi.analytics.scope import Scope
from taskapi.core.db.statements import Statement, prepare_text
from taskapi.models import Priority

OPEN: Final = "tasks.status_category NOT IN ('done', 'cancelled')"
OVERDUE: Final = f"({OPEN} AND (tasks.due_at < $instant::timestamptz OR tasks.due_on < $today::date)) IS TRUE"
_WITHIN: Final = "{} >= $begins::timestamptz AND {} < $ends::timestamptz"
CREATED: Final = _WITHIN.format("tasks.created_at", "tasks.created_at")
COMPLETED: Final = f"tasks.status_category = 'done' AND {_WITHIN.format('tasks.completed_at', 'tasks.completed_at')}"
"""A task that was cancelled has the time of it, too."""
_SUMS: Final = ", ".join(f"sum({count})::bigint" for count in ("tasks", "open", "overdue", "created", "completed"))


class CountRow(TypedDict):
    by: str
    key: str | None
    tasks: int
    open: int
    overdue: int
    created: int
    completed: int


@lru_cache(32)
def counts(scope_sql: str, statuses_sql: str) -> Statement[CountRow]:
    sql = f"""
        WITH counted AS MATERIALIZED (
            SELECT tasks.status, tasks.priority, tasks.assignee_ids, count(*) AS tasks,
                count(*) FILTER (WHERE {OPEN}) AS open,
                count(*) FILTER (WHERE {OVERDUE}) AS overdue,
                count(*) FILTER (WHERE {CREATED}) AS created,
                count(*) FILTER (WHERE {COMPLETED}) AS completed
            FROM {scope_sql}
            GROUP BY 1, 2, 3
        ),
        by_status AS (
            SELECT statuses.key, min(statuses.position) AS place FROM {statuses_sql} GROUP BY statuses.key
        )
        SELECT found.* FROM (
            SELECT 'all' AS by, NULL::text AS key, coalesce(sum(tasks), 0)::bigint AS tasks,
                coalesce(sum(open), 0)::bigint AS open, coalesce(sum(overdue), 0)::bigint AS overdue,
                coalesce(sum(created), 0)::bigint AS created, coalesce(sum(completed), 0)::bigint AS completed,
                0 AS place
            FROM counted
            UNION ALL
            SELECT 'status', by_status.key, coalesce(sum(tasks), 0)::bigint, 0, 0, 0, 0, place
            FROM by_status LEFT JOIN counted ON counted.status = by_status.key
            GROUP BY by_status.key, place
            UNION ALL
            SELECT 'assignee', person.id::text, {_SUMS}, 0
            FROM counted LEFT JOIN LATERAL unnest(counted.assignee_ids) AS person(id) ON true
            GROUP BY person.id
            UNION ALL
            SELECT 'priority', named.priority::text, 0, coalesce(sum(open), 0)::bigint, 0, 0, 0, 0
            FROM unnest(enum_range(NULL::task_priority)) AS named(priority)
                LEFT JOIN counted ON counted.priority = named.priority
            GROUP BY named.priority
        ) AS found
        ORDER BY found.place, found.open DESC, found.key
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=CountRow)


def counts_of(scope: Scope) -> Statement[CountRow]:
    return counts(scope.tasks, scope.beside("statuses"))


PRIORITIES: Final = tuple(reversed(Priority))
