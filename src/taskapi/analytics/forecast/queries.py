"""What a forecast goes by, in SQL."""

from functools import lru_cache
from typing import TypedDict

from taskapi.analytics.summary.queries import COMPLETED, OPEN
from taskapi.core.db.statements import One, Statement, prepare_text


class DoneRow(TypedDict):
    day: int
    """The place of the day among those of the history, from 0."""
    completed: int


@lru_cache(32)
def remaining(scope_sql: str) -> Statement[One[int]]:
    return prepare_text(f"SELECT count(*) FROM {scope_sql} AND {OPEN}", row=One[int])  # noqa: S608


@lru_cache(32)
def done(scope_sql: str) -> Statement[DoneRow]:
    """By day, as the caller's clocks have them; days on which nothing was done are left out."""
    sql = f"""
        SELECT width_bucket(tasks.completed_at, $ends_of_days::timestamptz[]) AS day, count(*) AS completed
        FROM {scope_sql} AND {COMPLETED}
        GROUP BY 1
    """  # noqa: S608 - of texts of ours
    return prepare_text(sql, row=DoneRow)
