"""Reports: opened by who may read them, made unless the client has them already, and rendered."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import pydantic_core
from pydantic import BaseModel

from taskapi import __version__
from taskapi.analytics import aside, queries
from taskapi.analytics.charts import Chart
from taskapi.analytics.period import Period, period_of
from taskapi.analytics.queries import OpenedRow
from taskapi.analytics.reports import AnyReport, Names
from taskapi.analytics.schemas import ChartParams, Format, ReportParams
from taskapi.analytics.scope import ProjectNamed, Scope
from taskapi.analytics.tables import as_csv
from taskapi.core.access import reach
from taskapi.core.access.permissions import Permission, require
from taskapi.core.access.reach import Reach
from taskapi.core.cache import Cache
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.http import references
from taskapi.core.http.references import ById, Reference
from taskapi.core.lists.sources import Source
from taskapi.tasks.filters.ast import EVERY_TASK, And, Clause, Filter, Operator
from taskapi.tasks.filters.compile import compiled
from taskapi.tasks.filters.moments import zone_named
from taskapi.tasks.filters.parameters import narrowed
from taskapi.tasks.filters.schemas import TaskFilter
from taskapi.tasks.filters.standpoint import Standpoint
from taskapi.tasks.lists import sources
from taskapi.tasks.lists.access_paths import DIRECT
from taskapi.tasks.lists.meaning import service as meaning
from taskapi.tasks.lists.meaning.service import Wish

_FILTER: Final = "/query/filter"
_OF_FILTER: Final = re.compile(r"f[0-9]+")


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be made again."""

    has_client: Callable[[str], bool]
    """Whether the client has what an ETag stands for."""
    cache: Cache
    """What others were answered, by the ETag."""


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes | None
    """None: the client has it."""
    etag: str
    format: Format
    name: str


@dataclass(frozen=True, slots=True)
class _Opened:
    scope: Scope
    period: Period
    position: str
    names: Names

    @property
    def asked_for(self) -> list[tuple[str, object]]:
        """The values of the filter, which are named by a letter and a number; the others say who looks."""
        return sorted((name, value) for name, value in self.scope.values.items() if _OF_FILTER.fullmatch(name))


async def of_project(
    session: DbSession, caller: Caller, project: str, params: ReportParams, report: AnyReport, known: Known
) -> Answer:
    """A report about the tasks of one project; archived ones have reports, too."""
    reference = references.project(project)
    seen_from, period = standpoint(params, caller.timezone, caller.id)
    with_people = report.names_people and params.comes_as is not Format.JSON
    row = await _open(session, caller, reference, seen_from, people=with_people)
    seen_as = Reach.ADMINISTRATOR if "project_id" in row else Reach.of(caller)
    source = sources.of_caller(caller, seen_as, ById(row["id"]))
    return await of_opened(session, row, source, (seen_from, period), params, report, known)


async def of_opened(
    session: DbSession,
    row: OpenedRow,
    source: Source,
    when: tuple[Standpoint, Period],
    params: ChartParams,
    report: AnyReport,
    known: Known,
) -> Answer:
    """Of a project that was opened, as the source shows it."""
    seen_from, period = when
    named = ProjectNamed(row["id"], row["key"], row["name"], row["estimate_unit"])
    scope = await _scope(session, params, seen_from, source, named)
    position = f"{row['id']} {row['name']} {row['estimate_unit']} {row['position']} {row['people']}"
    opened = _Opened(scope, period, position, _names(row["people"]))
    return await _answer(session, opened, params, report, known)


async def of_caller(
    session: DbSession, caller: Caller, params: ReportParams, report: AnyReport, known: Known
) -> Answer:
    """A report about the caller's tasks in all their projects that are not archived."""
    seen_from, period = standpoint(params, caller.timezone, caller.id)
    statement = queries.position_of_all(Reach.of(caller))
    row = await session.only_row(statement, **reach.values(caller), now=seen_from.now)
    source = sources.of_caller(caller, Reach.of(caller), None)
    mine = report.mine or And((Clause("assignee", Operator.ANY_OF, (caller.id,)),))
    scope = await _scope(session, params, seen_from, source, None, mine)
    opened = _Opened(scope, period, f"{caller.id} {row['position']}", {})
    return await _answer(session, opened, params, report, known)


async def _open(
    session: DbSession, caller: Caller, reference: Reference, seen_from: Standpoint, *, people: bool
) -> OpenedRow:
    named = {"id": reference.id} if isinstance(reference, ById) else {"key": reference.key}
    statement = partial(queries.opened, by=reference.by, people=people)
    row = await reach.find(session, caller, statement, Permission.TASK_READ, **named, now=seen_from.now)
    if row is None:
        raise references.no_project()
    require(row["role"], Permission.TASK_READ)
    return row


def standpoint(params: ChartParams, timezone: str, me: UUID | None = None) -> tuple[Standpoint, Period]:
    """Which days are meant, in the time zone that was asked for, or else in this one."""
    zone = zone_named(params.tz or timezone)
    seen_from = Standpoint(utc_now(), zone, me)
    return seen_from, period_of(*params.days, seen_from.today, zone)


async def _scope(
    session: DbSession,
    params: ChartParams,
    seen_from: Standpoint,
    source: Source,
    project: ProjectNamed | None,
    narrowing: Filter = EVERY_TASK,
) -> Scope:
    """Custom fields are looked up only where the filter names some."""
    wish = Wish(TaskFilter(), seen_from, "number", also=params.filter or "", also_at=_FILTER)
    meant = await meaning.read(session, wish, source)
    condition = compiled(narrowed(narrowing, meant.tree), {**DIRECT.fields, **meant.fields})
    values = {**source.values, **condition.values}
    return Scope(source.origin, condition.sql, values, seen_from, project)


async def _answer(session: DbSession, opened: _Opened, params: ChartParams, report: AnyReport, known: Known) -> Answer:
    scope, period = opened.scope, opened.period
    name = report.name if scope.project is None else f"{scope.project.key}-{report.name}"
    etag = _etag(opened, params, report)
    if known.has_client(etag):
        return Answer(None, etag, params.comes_as, name)
    body = await known.cache.get(etag)
    if body is None:
        made = await report.make(session, scope, period)
        # What follows needs no connection, and drawing takes a while.
        await session.close()
        body = await _rendered(made, opened, params.comes_as, report)
        await known.cache.put(etag, body)
    return Answer(body, etag, params.comes_as, name)


async def _rendered(made: BaseModel, opened: _Opened, format_: Format, report: AnyReport) -> bytes:
    match format_:
        case Format.JSON:
            return pydantic_core.to_json(made, by_alias=True)
        case Format.CSV:
            return as_csv(report.table(made, opened.names)).encode()
        case Format.SVG:
            return await aside.computed(_drawn, report.chart(made, opened.scope, opened.names))


def _etag(opened: _Opened, params: ChartParams, report: AnyReport) -> str:
    """The same as long as nothing is committed that the report could show, the day is the same, and the release.

    And the same for all members of a project, unless their filter says `me`: so one of them is answered what was made
    for another. Who may see it was asked before.
    """
    scope, period = opened.scope, opened.period
    parts = (
        *(__version__, report.name, report.asked, params.comes_as, opened.position),
        *(period.first, period.last, period.zone.key, scope.seen_from.today),
        *(scope.condition, opened.asked_for),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _names(people: str | None) -> Names:
    return {UUID(user_id): name for user_id, name in pydantic_core.from_json(people or "{}").items()}


def _drawn(chart: Chart) -> bytes:
    """In a thread: the first chart imports what draws it."""
    from taskapi.analytics import drawing  # noqa: PLC0415

    return drawing.svg(chart).encode()
