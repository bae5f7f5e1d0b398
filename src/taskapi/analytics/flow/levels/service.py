"""Burndown, burnup and cumulative flow: the tasks of each category at the end of each day, told three ways."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import takewhile

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.flow.levels import queries
from taskapi.analytics.flow.levels.schemas import Burndown, CumulativeFlow, DayOfBurndown, DayOfFlow
from taskapi.analytics.period import Period
from taskapi.analytics.phases import service as phases
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession
from taskapi.models import StatusCategory

_OPEN = (StatusCategory.BACKLOG, StatusCategory.UNSTARTED, StatusCategory.STARTED)


@dataclass(slots=True)
class _Level:
    """Of one category."""

    tasks: int = 0
    estimate: Decimal = field(default_factory=Decimal)


async def burndown(session: DbSession, scope: Scope, period: Period) -> Burndown:
    complete_since = await phases.complete_since(session, scope)
    items = []
    for day, levels in await _levels(session, scope, period):
        remaining = sum(levels[category].tasks for category in _OPEN)
        completed = levels[StatusCategory.DONE].tasks
        items.append(
            DayOfBurndown(
                date=day,
                remaining=remaining,
                remaining_estimate=float(sum(levels[category].estimate for category in _OPEN)),
                scope=remaining + completed,
                completed=completed,
            )
        )
    return Burndown(items=items, complete_since=complete_since)


async def cumulative_flow(session: DbSession, scope: Scope, period: Period) -> CumulativeFlow:
    complete_since = await phases.complete_since(session, scope)
    items = [
        DayOfFlow(date=day, **{category.value: levels[category].tasks for category in StatusCategory})
        for day, levels in await _levels(session, scope, period)
    ]
    return CumulativeFlow(items=items, complete_since=complete_since)


async def _levels(session: DbSession, scope: Scope, period: Period) -> list[tuple[date, dict[str, _Level]]]:
    """Each day that has begun, with what there was of each category at its end. Of days to come nothing is known."""
    days = _begun(period, scope.seen_from.today)
    if not days:
        return []
    ends = period.ends_of_days()[: len(days)]
    by_day: defaultdict[int, list[queries.StepRow]] = defaultdict(list)
    statement = queries.steps(scope)
    for row in await session.fetch_rows(
        statement, **statement.taken_from(scope.values), ends_of_days=ends, begins=ends[0], ends=ends[-1]
    ):
        by_day[row["day"]].append(row)
    levels: defaultdict[str, _Level] = defaultdict(_Level)
    found: list[tuple[date, dict[str, _Level]]] = []
    for place, day in enumerate(days):
        for row in by_day[place]:
            level = levels[row["category"]]
            level.tasks += row["tasks"]
            level.estimate += row["estimate"]
        found.append((day, defaultdict(_Level, {name: _Level(it.tasks, it.estimate) for name, it in levels.items()})))
    return found


def _begun(period: Period, today: date) -> list[date]:
    return list(takewhile(lambda day: day <= today, period.days()))


def _table(made: Burndown, _: Names) -> Table:
    rows = ((day.date, day.remaining, day.remaining_estimate, day.scope, day.completed) for day in made.items)
    return Table(("date", "remaining", "remaining_estimate", "scope", "completed"), rows)


def _table_of_flow(made: CumulativeFlow, _: Names) -> Table:
    categories = [category.value for category in StatusCategory]
    rows = ((day.date, *(getattr(day, category) for category in categories)) for day in made.items)
    return Table(("date", *categories), rows)


def _chart_down(made: Burndown, scope: Scope, _: Names) -> Chart:
    """Against the straight way down from the first day to nothing on the last, which is what a plan would look like."""
    remaining = [day.remaining for day in made.items]
    return Chart(
        ChartKind.LINES,
        title=f"{scope.title}: burndown",
        summary=_told(made.items, {"Open tasks": remaining}),
        x_title="Day",
        y_title="Open tasks",
        labels=_labels(made.items),
        series=[Series("Remaining", remaining), Series("Ideal", _straight_down(remaining), is_dashed=True)],
    )


def _chart_up(made: Burndown, scope: Scope, _: Names) -> Chart:
    completed, scoped = [day.completed for day in made.items], [day.scope for day in made.items]
    return Chart(
        ChartKind.LINES,
        title=f"{scope.title}: burnup",
        summary=_told(made.items, {"Done tasks": completed, "Done and open tasks": scoped}),
        x_title="Day",
        y_title="Tasks",
        labels=_labels(made.items),
        series=[Series("Completed", completed), Series("Scope", scoped)],
    )


def _chart_flow(made: CumulativeFlow, scope: Scope, _: Names) -> Chart:
    """What is furthest along lies at the bottom, so that each band is as wide as its category is full."""
    bands = {name: [getattr(day, name) for day in made.items] for name in ("done", "started", "unstarted", "backlog")}
    return Chart(
        ChartKind.STACKED_AREAS,
        title=f"{scope.title}: cumulative flow",
        summary=_told(made.items, {"Started tasks": bands["started"], "Done tasks": bands["done"]}),
        x_title="Day",
        y_title="Tasks",
        labels=_labels(made.items),
        series=[Series(name.capitalize(), values) for name, values in bands.items()],
    )


def _labels(days: Sequence[DayOfBurndown] | Sequence[DayOfFlow]) -> list[str]:
    return [day.date.isoformat() for day in days]


def _straight_down(values: Sequence[int]) -> list[float]:
    steps = max(len(values) - 1, 1)
    return [values[0] * (1 - place / steps) for place in range(len(values))]


def _told(days: Sequence[DayOfBurndown] | Sequence[DayOfFlow], figures: Mapping[str, Sequence[int]]) -> str:
    if not days:
        return "None of the days has begun."
    first, last = days[0].date, days[-1].date
    sentences = (
        f"{what}: {values[0]} at the end of {first}, {values[-1]} at the end of {last}."
        for what, values in figures.items()
    )
    return " ".join(sentences)


BURNDOWN = Report("burndown", burndown, _table, _chart_down)
BURNUP = Report("burnup", burndown, _table, _chart_up)
CUMULATIVE_FLOW = Report("cumulative-flow", cumulative_flow, _table_of_flow, _chart_flow)
