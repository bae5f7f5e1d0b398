"""A forecast, made."""

import math
from datetime import date, timedelta
from functools import partial
from typing import Final

from taskapi.analytics import aside
from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.forecast import queries
from taskapi.analytics.forecast.schemas import HORIZON_DAYS, Forecast, ForecastParams, NoDate
from taskapi.analytics.forecast.simulation import simulate
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession

_SHARES: Final = {"p50_on": 0.5, "p85_on": 0.85, "p95_on": 0.95}


async def forecast(session: DbSession, scope: Scope, period: Period, *, seed: int, runs: int) -> Forecast:
    """The first day that is drawn is tomorrow: what is done today is done already."""
    remaining = await session.only_value(queries.remaining(scope.tasks), **scope.values)
    history = await _history(session, scope, period)
    await session.close()
    today = scope.seen_from.today
    dates: dict[str, date | None] = dict.fromkeys(_SHARES, today if not remaining else None)
    reason, drawn = None, 0
    if remaining and not any(history):
        reason = NoDate.NO_HISTORY
    elif remaining:
        outcome = await aside.computed(simulate, history, remaining, runs, seed, HORIZON_DAYS)
        dates = {name: _day(today, outcome.by(share)) for name, share in _SHARES.items()}
        reason = NoDate.BEYOND_HORIZON if None in dates.values() else None
        drawn = len(outcome.days)
    return Forecast(
        remaining=remaining,
        history_days=period.length,
        completed=sum(history),
        runs=drawn,
        seed=seed,
        **dates,
        reason=reason,
        assumptions=_assumptions(period, remaining, sum(history)),
    )


async def _history(session: DbSession, scope: Scope, period: Period) -> list[int]:
    ends = period.ends_of_days()
    statement = queries.done(scope.tasks)
    rows = await session.fetch_rows(
        statement, **scope.values, begins=period.begins, ends=period.ends, ends_of_days=ends
    )
    completed = {row["day"]: row["completed"] for row in rows}
    return [completed.get(place, 0) for place in range(period.length)]


def _day(today: date, days: float) -> date | None:
    return None if math.isinf(days) else today + timedelta(days=days)


def _assumptions(period: Period, remaining: int, completed: int) -> list[str]:
    return [
        f"{remaining} tasks are open; whatever else comes to be done is not in the forecast.",
        f"A day to come completes as much as some day from {period.first} to {period.last} did, weekends included.",
        f"Each of these is as likely as any other: {completed} tasks were done in {period.length} days.",
        "Tasks are of all sizes, as they were in those days; estimates are not looked at.",
        "Today is counted as a day of the history where it is in it, and tomorrow is the first day to come.",
    ]


def _table(made: Forecast, _: Names) -> Table:
    columns = [name for name in Forecast.model_fields if name != "assumptions"]
    return Table(columns, [[getattr(made, name) for name in columns]])


def _chart(made: Forecast, scope: Scope, _: Names) -> Chart:
    """How far away each date is."""
    dates = {"50 %": made.p50_on, "85 %": made.p85_on, "95 %": made.p95_on}
    known = {share: day for share, day in dates.items() if day is not None}
    told = ", ".join(f"{share} by {day}" for share, day in known.items()) or "no date can be told"
    return Chart(
        ChartKind.BARS,
        title=f"{scope.title}: forecast",
        summary=f"{made.remaining} tasks remain: {told}.",
        x_title="Confidence",
        y_title="Days from today",
        labels=[f"{share} by {day}" for share, day in known.items()],
        series=[Series("Days", [(day - scope.seen_from.today).days for day in known.values()])],
    )


def forecast_asked(params: ForecastParams) -> Report[Forecast]:
    asked = (params.seed, params.runs)
    made = partial(forecast, seed=params.seed, runs=params.runs)
    return Report("forecast", made, _table, _chart, asked)
