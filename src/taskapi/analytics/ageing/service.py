"""The ages of what is in work, found."""

from taskapi.analytics.ageing import queries
from taskapi.analytics.ageing.schemas import Aged, Ageing
from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession

_DRAWN = 20


async def ageing(session: DbSession, scope: Scope, _: Period) -> Ageing:
    """In days of the calendar, so that a figure is the same all day."""
    zone, today = scope.seen_from.zone, scope.seen_from.today
    rows = await session.fetch_rows(queries.aged(scope.tasks, queries.MOST), **scope.values)
    items = [
        Aged(
            task_id=row["task_id"],
            key=row["key"],
            title=row["title"],
            status=row["status"],
            started_at=row["started_at"],
            days=max(0, (today - row["started_at"].astimezone(zone).date()).days),
        )
        for row in rows
    ]
    return Ageing(items=items, total=rows[0]["total"] if rows else 0)


def _table(made: Ageing, _: Names) -> Table:
    columns = ("key", "title", "status", "started_at", "days")
    return Table(
        columns, [(one.key, one.title, one.status, one.started_at.isoformat(), one.days) for one in made.items]
    )


def _chart(made: Ageing, scope: Scope, _: Names) -> Chart:
    drawn = made.items[:_DRAWN]
    oldest = f"; the oldest, {drawn[0].key}, for {drawn[0].days} days" if drawn else ""
    return Chart(
        ChartKind.BARS,
        title=f"{scope.title}: age of what is in work",
        summary=f"{made.total} tasks are in work{oldest}.",
        x_title="Task",
        y_title="Days since it was started",
        labels=[one.key for one in drawn],
        series=[Series("Days", [one.days for one in drawn])],
    )


AGEING = Report("ageing", ageing, _table, _chart)
