"""What is in work, and since when, in SQL."""

from datetime import datetime
from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.db.statements import Statement, prepare_text

MOST: Final = 1000


class AgedRow(TypedDict):
    task_id: UUID
    key: str
    title: str
    status: str
    started_at: datetime
    total: int


@lru_cache(32)
def aged(scope_sql: str) -> Statement[AgedRow]:
    """Where the log was shortened, and knows the first start no more, a task is as old as it is there."""
    sql = f"""
        WITH in_work AS MATERIALIZED (
            SELECT tasks.id, tasks.project_id, tasks.number, tasks.title, tasks.status, coalesce(
                (
                    SELECT min(events.at) FROM events
                    WHERE events.subject_id = tasks.id AND events.subject_type = 'task'
                        AND events.changes #>> '{{status_category,1}}' = 'started'
                ),
                tasks.created_at
            ) AS started_at
            FROM {scope_sql} AND tasks.status_category = 'started'
        )
        SELECT oldest.id AS task_id, projects.key || '-' || oldest.number AS key, oldest.title, oldest.status,
            oldest.started_at, oldest.total
        FROM (
            SELECT in_work.*, count(*) OVER () AS total FROM in_work ORDER BY started_at, id LIMIT {MOST}
        ) AS oldest
        JOIN projects ON projects.id = oldest.project_id
        ORDER BY oldest.started_at, oldest.id
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=AgedRow)
