"""The summary, made."""

from uuid import UUID

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.summary import queries
from taskapi.analytics.summary.schemas import AssigneeCount, PriorityCount, StatusCount, Summary
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession


async def summary(session: DbSession, scope: Scope, period: Period) -> Summary:
    rows = await session.fetch_rows(
        queries.counts_of(scope),
        **scope.values,
        instant=scope.seen_from.now,
        today=scope.seen_from.today,
        begins=period.begins,
        ends=period.ends,
    )
    (whole,) = (row for row in rows if row["by"] == "all")
    open_of = {row["key"]: row["open"] for row in rows if row["by"] == "priority"}
    return Summary(
        open=whole["open"],
        overdue=whole["overdue"],
        created=whole["created"],
        completed=whole["completed"],
        by_status=[StatusCount(status=row["key"] or "", count=row["tasks"]) for row in rows if row["by"] == "status"],
        by_assignee=[
            AssigneeCount(
                user_id=None if row["key"] is None else UUID(row["key"]), open=row["open"], overdue=row["overdue"]
            )
            for row in rows
            if row["by"] == "assignee" and row["open"] and scope.is_about(row["key"])
        ],
        by_priority=[PriorityCount(priority=priority, open=open_of[priority.value]) for priority in queries.PRIORITIES],
    )


def _table(made: Summary, names: Names) -> Table:
    """One figure a line, so that there is one table."""
    whole = [("open", made.open), ("overdue", made.overdue), ("created", made.created), ("completed", made.completed)]
    rows: list[tuple[object, ...]] = [("all", None, what, count) for what, count in whole]
    rows += [("status", one.status, "tasks", one.count) for one in made.by_status]
    for person in made.by_assignee:
        called = None if person.user_id is None else names.get(person.user_id, str(person.user_id))
        rows += [("assignee", called, "open", person.open), ("assignee", called, "overdue", person.overdue)]
    rows += [("priority", one.priority, "open", one.open) for one in made.by_priority]
    return Table(("by", "key", "what", "count"), rows)


def _chart(made: Summary, scope: Scope, _: Names) -> Chart:
    most = max(made.by_status, key=lambda one: one.count, default=None)
    of_these = f"; the most, {most.count}, in {most.status}" if most is not None and most.count else ""
    return Chart(
        ChartKind.BARS,
        title=f"{scope.title}: tasks by status",
        summary=f"{made.open} open tasks, {made.overdue} of them overdue{of_these}. "
        f"{made.created} created and {made.completed} completed within the days.",
        x_title="Status",
        y_title="Tasks",
        labels=[one.status for one in made.by_status],
        series=[Series("Tasks", [one.count for one in made.by_status])],
    )


SUMMARY = Report("summary", summary, _table, _chart, names_people=True)
