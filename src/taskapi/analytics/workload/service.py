"""The workload, found."""

from taskapi.analytics.charts import Chart, ChartKind, Series
from taskapi.analytics.period import Period
from taskapi.analytics.reports import Names, Report
from taskapi.analytics.scope import Scope
from taskapi.analytics.tables import Table
from taskapi.analytics.workload import queries
from taskapi.analytics.workload.queries import LoadRow
from taskapi.analytics.workload.schemas import Load, Workload
from taskapi.core.db.session import DbSession
from taskapi.models import EstimateUnit

_DRAWN = 20
_WEEK = 7
_NOBODY = "Nobody"


async def workload(session: DbSession, scope: Scope, period: Period) -> Workload:
    rows = await session.fetch_rows(
        queries.loads(scope.tasks, scope.beside("members AS person")),
        **scope.values,
        instant=scope.seen_from.now,
        today=scope.seen_from.today,
        begins=period.begins,
        ends=period.ends,
        first=period.first,
        last=period.last,
    )
    unit = None if scope.project is None else EstimateUnit(scope.project.estimate_unit)
    return Workload(unit=unit, items=[_load(row, period) for row in rows if scope.is_about(row["user_id"])])


def _load(row: LoadRow, period: Period) -> Load:
    weekly = row["weekly_capacity"]
    return Load(
        **row,
        capacity=None if weekly is None else weekly * period.length / _WEEK,
        weeks=None if weekly is None else row["estimate"] / weekly,
    )


def _table(made: Workload, names: Names) -> Table:
    columns = ("user", *(name for name in Load.model_fields if name != "user_id"))
    rows = [(_name(one, names), *(getattr(one, name) for name in columns[1:])) for one in made.items]
    return Table(columns, rows)


def _chart(made: Workload, scope: Scope, names: Names) -> Chart:
    drawn = made.items[:_DRAWN]
    whole = sum(one.open for one in made.items)
    return Chart(
        ChartKind.STACKED_BARS,
        title=f"{scope.title}: workload",
        summary=f"{len(made.items)} people have {whole} open tasks, of which each counts for all its assignees.",
        x_title="Person",
        y_title="Open tasks",
        labels=[_name(one, names) for one in drawn],
        series=[
            Series("In time", [one.open - one.overdue for one in drawn]),
            Series("Overdue", [one.overdue for one in drawn]),
        ],
    )


def _name(one: Load, names: Names) -> str:
    return _NOBODY if one.user_id is None else names.get(one.user_id, "Me" if not names else str(one.user_id))


WORKLOAD = Report("workload", workload, _table, _chart, names_people=True)
