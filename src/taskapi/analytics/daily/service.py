"""What was going on on a day, found."""

import re
from datetime import timedelta

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.daily import queries
from taskapi.analytics.daily.schemas import ActiveTask, Daily, TaskOfDay
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession
from taskapi.core.ids import first_id_of
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.parameters import filter_of
from taskapi.tasks.filters.schemas import TaskFilter

_SLACK = timedelta(minutes=10)
"""Between a change's id and its time lies a moment; a clock that is set back may make it longer."""
_DRAWN = 20
_HOUR = 3600


async def daily(session: DbSession, scope: Scope, period: Period) -> Daily:
    """The last of the days. Whatever has an end of its own is cut at midnight, here."""
    day = Period(period.last, period.last, period.zone)
    on_that_day = compiled(filter_of(TaskFilter.model_validate({"date": str(day.last)}), scope.seen_from))
    me = {} if scope.project is not None else {"me": scope.seen_from.me}
    rows = await session.fetch_rows(
        queries.active(scope.tasks, scope.beside("events"), re.sub(r"\$f", "$d", on_that_day.sql), of_one=bool(me)),
        **scope.values,
        **{f"d{name[1:]}": value for name, value in on_that_day.values.items()},
        **me,
        begins=day.begins,
        ends=day.ends,
        earliest=first_id_of(day.begins - _SLACK),
        latest=first_id_of(day.ends + _SLACK),
        kinds=queries.KINDS,
    )
    items = [
        ActiveTask(
            task=TaskOfDay.model_validate({name: row[name] for name in TaskOfDay.model_fields}),  # type: ignore[literal-required]
            created=row["created"],
            completed=row["completed"],
            worked_seconds=row["worked_seconds"],
            changes=row["changes"],
        )
        for row in rows
    ]
    return Daily(date=day.last, items=items, total=rows[0]["total"] if rows else 0)


def _table(made: Daily, _: Names) -> Table:
    columns = ("date", "key", "title", "status", "created", "completed", "worked_seconds", "changes")
    rows = [
        (made.date, task.key, task.title, task.status, one.created, one.completed, one.worked_seconds, one.changes)
        for one in made.items
        for task in (one.task,)
    ]
    return Table(columns, rows)


def _chart(made: Daily, scope: Scope, _: Names) -> Chart:
    drawn = made.items[:_DRAWN]
    done = sum(one.completed for one in made.items)
    hours = sum(one.worked_seconds for one in made.items) / _HOUR
    return Chart(
        ChartKind.BARS,
        title=f"{scope.title}: {made.date}",
        summary=f"{made.total} tasks were active, {done} of them were completed; {hours:.1f} hours were worked.",
        x_title="Task",
        y_title="Changes",
        labels=[one.task.key for one in drawn],
        series=[Series("Changes", [one.changes for one in drawn])],
    )


DAILY = Report("daily", daily, _table, _chart)
