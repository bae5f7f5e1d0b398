"""Time entries in the days of a report, in SQL."""

from functools import lru_cache
from typing import Final, TypedDict
from uuid import UUID

from taskapi.core.db.statements import Statement, prepare_text
from taskapi.tasks.time_entries.errors import LONGEST

MOST: Final = 10_000
# Said of the beginning alone, too, so that older entries are left out before their ends are compared.
IN_DAYS: Final = f"""time_entries.ended_at > $begins::timestamptz AND time_entries.started_at < $ends::timestamptz
    AND time_entries.started_at > $begins::timestamptz - interval '{int(LONGEST.total_seconds())} seconds'"""
SECONDS: Final = """floor(date_part('epoch',
    least(time_entries.ended_at, $ends::timestamptz) - greatest(time_entries.started_at, $begins::timestamptz)))"""
"""Of an entry: whole ones, as it says itself, of the part that lies in the days."""


class WorkedRow(TypedDict):
    user_id: UUID
    task_id: UUID
    key: str
    seconds: int
    total: int


@lru_cache(32)
def worked(scope_sql: str, *, of_one: bool) -> Statement[WorkedRow]:
    sql = f"""
        WITH worked AS (
            SELECT time_entries.user_id, time_entries.task_id, sum({SECONDS})::bigint AS seconds
            FROM time_entries
            WHERE {IN_DAYS} {"AND time_entries.user_id = $me::uuid" if of_one else ""}
            GROUP BY 1, 2
        )
        SELECT worked.user_id, worked.task_id, home.key || '-' || counted.number AS key, worked.seconds,
            sum(worked.seconds) OVER ()::bigint AS total
        FROM (SELECT tasks.id, tasks.project_id, tasks.number FROM {scope_sql}) AS counted
        JOIN worked ON worked.task_id = counted.id
        JOIN projects AS home ON home.id = counted.project_id
        ORDER BY worked.seconds DESC, worked.user_id, worked.task_id
        LIMIT {MOST}
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=WorkedRow)
