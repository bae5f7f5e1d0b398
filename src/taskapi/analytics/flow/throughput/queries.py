"""Done tasks in SQL, by day."""

from functools import lru_cache
from typing import TypedDict

from taskapi.core.db.statements import Statement, prepare_text


class DoneRow(TypedDict):
    """`day` is a place among the days, by their ends."""

    day: int
    tasks: int


@lru_cache(32)
def done_by_day(tasks: str) -> Statement[DoneRow]:
    sql = f"""
        SELECT width_bucket(tasks.completed_at, $ends_of_days::timestamptz[]) AS day, count(*) AS tasks
        FROM {tasks} AND tasks.status_category = 'done'
            AND tasks.completed_at >= $begins::timestamptz AND tasks.completed_at < $ends::timestamptz
        GROUP BY 1
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=DoneRow)
