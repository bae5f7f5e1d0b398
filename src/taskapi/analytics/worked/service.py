"""The time that was worked, summed up."""

from collections import defaultdict
from uuid import UUID

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.analytics.worked import queries
from taskapi.analytics.worked.schemas import TimeWorked, Worked
from taskapi.core.db.session import DbSession
from taskapi.tasks.filters.ast import EVERY_TASK

_DRAWN = 12
_HOUR = 3600


async def time_worked(session: DbSession, scope: Scope, period: Period) -> TimeWorked:
    """Over all projects of somebody: their own time, whoever is assigned to the task."""
    me = {} if scope.project is not None else {"me": scope.seen_from.me}
    statement = queries.worked(scope.tasks, of_one=bool(me))
    rows = await session.fetch_rows(statement, **scope.values, **me, begins=period.begins, ends=period.ends)
    items = [
        Worked(user_id=row["user_id"], task_id=row["task_id"], key=row["key"], seconds=row["seconds"]) for row in rows
    ]
    return TimeWorked(items=items, total_seconds=rows[0]["total"] if rows else 0)


def _table(made: TimeWorked, names: Names) -> Table:
    columns = ("user", "key", "seconds", "hours")
    rows = [
        (names.get(one.user_id, str(one.user_id)), one.key, one.seconds, round(one.seconds / _HOUR, 2))
        for one in made.items
    ]
    return Table(columns, rows)


def _chart(made: TimeWorked, scope: Scope, names: Names) -> Chart:
    """By person in a project; of one person by task."""
    by_task = scope.project is None
    hours: defaultdict[UUID | str, float] = defaultdict(float)
    for one in made.items:
        hours[one.key if by_task else one.user_id] += one.seconds / _HOUR
    drawn = sorted(hours.items(), key=lambda item: -item[1])[:_DRAWN]
    return Chart(
        ChartKind.BARS,
        title=f"{scope.title}: time worked",
        summary=f"{made.total_seconds / _HOUR:.1f} hours were worked within the days.",
        x_title="Task" if by_task else "Person",
        y_title="Hours",
        labels=[who if isinstance(who, str) else names.get(who, "Somebody who has left") for who, _ in drawn],
        series=[Series("Hours", [round(value, 2) for _, value in drawn])],
    )


TIME = Report("time", time_worked, _table, _chart, names_people=True, mine=EVERY_TASK)
