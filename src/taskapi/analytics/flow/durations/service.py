"""Cycle time and lead time: since tasks were first started, or since they were created, until they were done."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.flow.durations import queries
from taskapi.analytics.flow.durations.queries import TimedRow
from taskapi.analytics.flow.durations.schemas import Durations, TimedTask
from taskapi.analytics.period import Period
from taskapi.analytics.phases import service as phases
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import Statement
from taskapi.core.fields import rfc3339

_HOURS_A_DAY: Final = 24
_LABELS: Final = ("< 1 h", "< 4 h", "< 1 d", "< 2 d", "< 4 d", "< 1 w", "< 2 w", "< 4 w", "< 8 w", "< 26 w", "longer")
_BOUNDS: Final = tuple(days * _HOURS_A_DAY for days in (1 / 24, 4 / 24, 1, 2, 4, 7, 14, 28, 56, 182))
"""In hours, those that the labels name: most tasks take days, and a few take months."""


async def cycle_time(session: DbSession, scope: Scope, period: Period) -> Durations:
    complete_since = await phases.complete_since(session, scope)
    rows = await _fetch(session, queries.since_started(scope), scope, period)
    return _durations(rows, complete_since)


async def lead_time(session: DbSession, scope: Scope, period: Period) -> Durations:
    """A task says itself when it was created and done, so there is nothing that could be missing."""
    return _durations(await _fetch(session, queries.since_created(scope.tasks), scope, period), None)


async def _fetch(
    session: DbSession, statement: Statement[TimedRow], scope: Scope, period: Period
) -> Sequence[TimedRow]:
    values = statement.taken_from(scope.values)
    return await session.fetch_rows(statement, **values, begins=period.begins, ends=period.ends)


def _durations(rows: Sequence[TimedRow], complete_since: datetime | None) -> Durations:
    figures = rows[0] if rows else None
    return Durations(
        count=0 if figures is None else figures["count"],
        mean_hours=None if figures is None else figures["mean"],
        p50_hours=None if figures is None else figures["p50"],
        p85_hours=None if figures is None else figures["p85"],
        p95_hours=None if figures is None else figures["p95"],
        items=[
            TimedTask(task_id=row["task_id"], key=row["key"], completed_at=row["completed_at"], hours=row["hours"])
            for row in rows
        ],
        complete_since=complete_since,
    )


def _table(made: Durations, _: Names) -> Table:
    rows = ((task.task_id, task.key, rfc3339(task.completed_at), task.hours) for task in made.items)
    return Table(("task_id", "key", "completed_at", "hours"), rows)


def _chart(what: str) -> Callable[[Durations, Scope, Names], Chart]:
    def drawn(made: Durations, scope: Scope, _: Names) -> Chart:
        places = [bisect_right(_BOUNDS, task.hours) for task in made.items]
        return Chart(
            ChartKind.BARS,
            title=f"{scope.title}: {what}",
            summary=_told(made),
            x_title="From start to end" if what == "cycle time" else "From creation to end",
            y_title="Tasks",
            labels=_LABELS,
            series=[Series("Tasks", [places.count(place) for place in range(len(_LABELS))])],
        )

    return drawn


def _told(made: Durations) -> str:
    if made.p50_hours is None or made.p85_hours is None:
        return "No task to tell of was done in these days."
    half, most = (_in_words(hours) for hours in (made.p50_hours, made.p85_hours))
    return f"{made.count} tasks. Half of them took {half} or less, 85 of 100 {most} or less."


def _in_words(hours: float) -> str:
    return f"{hours:.1f} hours" if hours < 2 * _HOURS_A_DAY else f"{hours / _HOURS_A_DAY:.1f} days"


CYCLE_TIME = Report("cycle-time", cycle_time, _table, _chart("cycle time"))
LEAD_TIME = Report("lead-time", lead_time, _table, _chart("lead time"))
