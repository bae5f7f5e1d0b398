"""What is in work, and since when, in SQL."""

from datetime import datetime
from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.db.statements import Statement, prepare_text

MOST: Final = 500


class AgedRow(TypedDict):
    task_id: UUID
    key: str
    title: str
    status: str
    started_at: datetime
    total: int


# How many times as many of those that were created first are asked when they were started, before it is known who else
# may be among the oldest: nothing was started before it was created.
_ASKED_FIRST: Final = 1.5
# Where the log was shortened, and knows the first start no more, a task is as old as it is there.
_STARTED: Final = """coalesce(
    (
        SELECT min(events.at) FROM events
        WHERE events.subject_id = in_work.id AND events.subject_type = 'task'
            AND events.changes #>> '{status_category,1}' = 'started'
    ),
    in_work.created_at
)"""


@lru_cache(32)
def aged(scope_sql: str, most: int) -> Statement[AgedRow]:
    """The oldest, found without asking the log about each task that is in work."""
    asked_first = int(most * _ASKED_FIRST)
    sql = f"""
        WITH in_work AS MATERIALIZED (
            SELECT tasks.id, tasks.project_id, tasks.number, tasks.title, tasks.status, tasks.created_at,
                row_number() OVER (ORDER BY tasks.created_at, tasks.id) AS place
            FROM {scope_sql} AND tasks.status_category = 'started'
        ),
        asked_first AS MATERIALIZED (
            SELECT in_work.*, {_STARTED} AS started_at FROM in_work WHERE place <= {asked_first}
        ),
        surely AS MATERIALIZED (
            SELECT started_at FROM asked_first ORDER BY started_at OFFSET {most - 1} LIMIT 1
        ),
        asked AS (
            SELECT * FROM asked_first
            UNION ALL
            SELECT in_work.*, {_STARTED} FROM in_work, surely
            WHERE place > {asked_first} AND in_work.created_at <= surely.started_at
        )
        SELECT asked.id AS task_id, projects.key || '-' || asked.number AS key, asked.title, asked.status,
            asked.started_at, (SELECT count(*) FROM in_work) AS total
        FROM asked JOIN projects ON projects.id = asked.project_id
        ORDER BY asked.started_at, asked.id
        LIMIT {most}
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=AgedRow)
