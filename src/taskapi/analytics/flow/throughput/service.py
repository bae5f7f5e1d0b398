"""How many tasks were done in each day, ISO week or month."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import groupby
from typing import Final

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.flow.throughput import queries
from taskapi.analytics.flow.throughput.schemas import BucketLength, Throughput
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.core.db.session import DbSession


async def throughput(session: DbSession, scope: Scope, period: Period, bucket: BucketLength) -> Throughput:
    statement, ends = queries.done_by_day(scope.tasks), period.ends_of_days()
    rows = await session.fetch_rows(
        statement,
        **statement.taken_from(scope.values),
        ends_of_days=ends,
        begins=period.begins,
        ends=ends[-1],
    )
    done = {row["day"]: row["tasks"] for row in rows}
    items = [
        {"from": days[0][1], "to": days[-1][1], "completed": sum(done.get(place, 0) for place, _ in days)}
        for days in _buckets(period, bucket)
    ]
    return Throughput.model_validate({"items": items})


def _buckets(period: Period, bucket: BucketLength) -> Iterator[list[tuple[int, date]]]:
    """The days with their places, those of a bucket together."""
    for _, days in groupby(enumerate(period.days()), lambda day: _named(day[1], bucket)):
        yield list(days)


def _named(day: date, bucket: BucketLength) -> tuple[int, int]:
    match bucket:
        case BucketLength.DAY:
            return day.year, day.toordinal()
        case BucketLength.WEEK:
            return day.isocalendar()[:2]
        case BucketLength.MONTH:
            return day.year, day.month


def _table(made: Throughput, _: Names) -> Table:
    return Table(("from", "to", "completed"), ((item.first, item.last, item.completed) for item in made.items))


def _chart(made: Throughput, scope: Scope, _: Names, *, bucket: BucketLength) -> Chart:
    done = [item.completed for item in made.items]
    return Chart(
        ChartKind.BARS,
        title=f"{scope.title}: throughput",
        summary=f"{sum(done)} tasks done from {made.items[0].first} to {made.items[-1].last}; "
        f"the most in a {bucket}: {max(done)}.",
        x_title=bucket.capitalize(),
        y_title="Done tasks",
        labels=[item.first.isoformat() for item in made.items],
        series=[Series("Done tasks", done)],
    )


THROUGHPUT: Final = {
    bucket: Report(
        "throughput", partial(throughput, bucket=bucket), _table, partial(_chart, bucket=bucket), asked=(bucket.value,)
    )
    for bucket in BucketLength
}
