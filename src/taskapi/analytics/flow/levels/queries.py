"""The tasks of each category, in SQL: phases counted by the day of their beginning and the day of their end."""

from decimal import Decimal
from functools import lru_cache
from typing import Final, TypedDict

from taskapi.analytics.phases import queries as phases
from taskapi.analytics.scope import Scope
from taskapi.core.db.statements import Statement, prepare_text
from taskapi.core.lists.sources import Origin


class StepRow(TypedDict):
    """By how much a category grew on a day, which is a place among the ends of days; what is before them is in 0."""

    day: int
    category: str
    tasks: int
    estimate: Decimal


# Most tasks of a project have been where they are for long: so each phase is read once, from the index alone, and
# counted with those that begin and end on the same days. A sum of numerics is the same in whatever order.
_STEPS: Final = """
    WITH {unread}{fitting},
    counted AS MATERIALIZED (
        SELECT width_bucket(begins_at, $ends_of_days::timestamptz[]) AS begins_on,
            width_bucket(ends_at, $ends_of_days::timestamptz[]) AS ends_on,
            category, sum(weight) AS tasks, coalesce(sum((weight * estimate)::numeric), 0) AS estimate
        FROM (
            SELECT task_phases.task_id, begins_at, ends_at, category, estimate, 1 AS weight
            FROM {stored} AND is_live AND ends_at >= $begins::timestamptz AND begins_at < $ends::timestamptz
            UNION ALL
            SELECT task_id, begins_at, ends_at, category, estimate, -1
            FROM base WHERE is_live AND project_id IN ({projects})
            UNION ALL
            SELECT task_id, begins_at, ends_at, category, estimate, 1
            FROM folded WHERE is_live AND category IS NOT NULL AND project_id IN ({projects})
        ) AS phases
        WHERE ends_at >= $begins::timestamptz AND begins_at < $ends::timestamptz{fits}
        GROUP BY 1, 2, 3
    )
    SELECT day, category, sum(tasks)::bigint AS tasks, sum(estimate) AS estimate
    FROM (
        SELECT begins_on AS day, category, tasks, estimate FROM counted
        UNION ALL
        SELECT ends_on, category, -tasks, -estimate FROM counted
    ) AS steps
    GROUP BY 1, 2
"""


def steps(scope: Scope) -> Statement[StepRow]:
    return _steps(scope.origin, scope.beside("task_phases"), None if scope.is_everything else scope.tasks)


@lru_cache(32)
def _steps(origin: Origin, stored: str, tasks: str | None) -> Statement[StepRow]:
    sql = _STEPS.format(
        unread=phases.unread(origin),
        fitting="" if tasks is None else f", fitting AS MATERIALIZED (SELECT tasks.id FROM {tasks})",  # noqa: S608
        fits="" if tasks is None else " AND task_id IN (SELECT id FROM fitting)",
        stored=stored,
        projects=f"SELECT {origin.home} FROM {origin.start} WHERE {origin.condition}",  # noqa: S608 - texts of ours
    )
    return prepare_text(sql, row=StepRow)
