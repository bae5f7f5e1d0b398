"""Tasks that were done, in SQL, and how long that took; the figures are those of all, whatever is listed."""

from datetime import datetime
from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from taskapi.analytics.phases import queries as phases
from taskapi.analytics.scope import Scope
from taskapi.core.db.statements import Statement, prepare_text
from taskapi.core.lists.sources import Origin

MOST_LISTED: Final = 10_000


class TimedRow(TypedDict):
    """A task, and beside it the figures of all."""

    task_id: UUID
    key: str
    completed_at: datetime
    hours: float
    count: int
    mean: float
    p50: float
    p85: float
    p95: float


# A task says itself whether and when it was done, so what was reopened, taken back or thrown away since does not count.
_DONE: Final = """
    done AS MATERIALIZED (
        SELECT tasks.id, projects.key || '-' || tasks.number AS key, tasks.completed_at, tasks.created_at
        FROM {tasks} AND tasks.status_category = 'done'
            AND tasks.completed_at >= $begins::timestamptz AND tasks.completed_at < $ends::timestamptz
    )
"""
# Where the task was first started before it was done: among what is stored, and among what the reader has yet to read.
# OFFSET 0 keeps the planner at one short look along the primary key for each task.
_SINCE_STARTED: Final = """
    CROSS JOIN LATERAL (
        SELECT min(begins_at) AS since FROM (
            SELECT task_phases.begins_at FROM task_phases
            WHERE task_phases.task_id = done.id AND category = 'started' AND begins_at <= done.completed_at
            OFFSET 0
        ) AS started
    ) AS stored
    LEFT JOIN (
        SELECT id AS task_id, min(begins_at) AS since
        FROM done JOIN folded ON folded.task_id = done.id
        WHERE category = 'started' AND begins_at <= done.completed_at
        GROUP BY done.id
    ) AS unread ON unread.task_id = done.id
"""
_TIMED: Final = """
    timed AS MATERIALIZED (
        SELECT done.id AS task_id, done.key, done.completed_at,
            (extract(epoch FROM done.completed_at - {since}) / 3600)::double precision AS hours
        FROM done {since_when}
    ),
    figures AS (
        SELECT count(*) AS count, avg(hours) AS mean,
            percentile_cont(ARRAY[0.5, 0.85, 0.95]) WITHIN GROUP (ORDER BY hours) AS percentiles
        FROM timed WHERE hours IS NOT NULL
    )
    SELECT timed.task_id, timed.key, timed.completed_at, timed.hours, figures.count, figures.mean,
        percentiles[1] AS p50, percentiles[2] AS p85, percentiles[3] AS p95
    FROM timed CROSS JOIN figures
    WHERE hours IS NOT NULL
    ORDER BY timed.completed_at DESC, timed.task_id DESC
    LIMIT {most}
"""


@lru_cache(32)
def since_created(tasks: str) -> Statement[TimedRow]:
    timed = _TIMED.format(since="least(done.created_at, done.completed_at)", since_when="", most=MOST_LISTED)
    return prepare_text(f"WITH {_DONE.format(tasks=tasks)}, {timed}", row=TimedRow)


def since_started(scope: Scope) -> Statement[TimedRow]:
    return _since_started(scope.origin, scope.tasks)


@lru_cache(32)
def _since_started(origin: Origin, tasks: str) -> Statement[TimedRow]:
    timed = _TIMED.format(since="least(stored.since, unread.since)", since_when=_SINCE_STARTED, most=MOST_LISTED)
    return prepare_text(f"WITH {phases.unread(origin)}, {_DONE.format(tasks=tasks)}, {timed}", row=TimedRow)
