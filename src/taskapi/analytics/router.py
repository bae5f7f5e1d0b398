"""What answers reports of any kind; those of what there is and who does it."""

from typing import Annotated, Final

from fastapi import Request
from starlette.responses import Response

from taskapi.analytics import service
from taskapi.analytics.ageing.schemas import Ageing
from taskapi.analytics.ageing.service import AGEING
from taskapi.analytics.daily.schemas import Daily, DailyParams
from taskapi.analytics.daily.service import DAILY
from taskapi.analytics.forecast.schemas import Forecast, ForecastParams
from taskapi.analytics.forecast.service import forecast_asked
from taskapi.analytics.schemas import Format, ReportParams
from taskapi.analytics.service import Answer, Known
from taskapi.analytics.summary.schemas import Summary
from taskapi.analytics.summary.service import SUMMARY
from taskapi.analytics.worked.schemas import TimeWorked
from taskapi.analytics.worked.service import TIME
from taskapi.analytics.workload.schemas import Workload
from taskapi.analytics.workload.service import WORKLOAD
from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.http import preconditions
from taskapi.core.http.problems import Responses
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession
from taskapi.core.parts import parts

PREFIX: Final = "/api/v1/projects/{project}/analytics"
routes = router(PREFIX, "analytics", resource=Resource.TASKS)
own = router("/api/v1/analytics/me", "analytics", resource=Resource.TASKS)
Asked = Annotated[ReportParams, query(ReportParams)]
_TYPES: Final = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.SVG: "image/svg+xml",
}
# A picture that runs nothing and asks nobody, also where somebody opens it by its address.
_SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
OTHER_FORMATS: Final[Responses] = {
    200: {
        "content": {
            "text/csv": {"schema": {"type": "string", "description": "The report as a table"}},
            "image/svg+xml": {"schema": {"type": "string", "description": "The report as a chart"}},
        }
    }
}
"""Beside the JSON that a route declares."""


def knowledge(request: Request) -> Known:
    """What there is already of the report that a client asks for."""
    return Known(lambda etag: preconditions.is_known(request, etag), parts(request).cache)


def respond(answer: Answer) -> Response:
    if answer.body is None:
        return preconditions.unchanged(answer.etag)
    headers = {"ETag": answer.etag}
    if answer.format is not Format.JSON:
        how = "inline" if answer.format is Format.SVG else "attachment"
        headers["Content-Disposition"] = f'{how}; filename="{answer.name}.{answer.format}"'
    if answer.format is Format.SVG:
        headers["Content-Security-Policy"] = _SANDBOX
    return Response(answer.body, 200, headers, _TYPES[answer.format])


@routes.get("/summary", response_model=Summary, responses=OTHER_FORMATS)
async def get_summary(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See where a project stands: what is open, overdue and in which status, and what came and went within the days."""
    return respond(await service.of_project(session, caller, project, params, SUMMARY, knowledge(request)))


@routes.get("/daily", response_model=Daily, responses=OTHER_FORMATS)
async def get_daily(
    project: ProjectPath,
    request: Request,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[DailyParams, query(DailyParams)],
) -> Response:
    """See what was going on in a project on a day: which tasks were due, worked on or changed."""
    return respond(await service.of_project(session, caller, project, params, DAILY, knowledge(request)))


@routes.get("/workload", response_model=Workload, responses=OTHER_FORMATS)
async def get_workload(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See who has how much to do, against what they can do in these days."""
    return respond(await service.of_project(session, caller, project, params, WORKLOAD, knowledge(request)))


@routes.get("/ageing", response_model=Ageing, responses=OTHER_FORMATS)
async def get_ageing(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how long what is in work has been in work, the oldest first."""
    return respond(await service.of_project(session, caller, project, params, AGEING, knowledge(request)))


@routes.get("/time", response_model=TimeWorked, responses=OTHER_FORMATS)
async def get_time_worked(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See who worked for how long on what within the days."""
    return respond(await service.of_project(session, caller, project, params, TIME, knowledge(request)))


@routes.get("/forecast", response_model=Forecast, responses=OTHER_FORMATS)
async def get_forecast(
    project: ProjectPath,
    request: Request,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[ForecastParams, query(ForecastParams)],
) -> Response:
    """Estimate by when what is open will be done, by drawing days of the past many times (Monte Carlo)."""
    report = forecast_asked(params)
    return respond(await service.of_project(session, caller, project, params, report, knowledge(request)))


@own.get("", response_model=Summary, responses=OTHER_FORMATS)
async def get_my_summary(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See where your tasks stand, in all your projects that are not archived."""
    return respond(await service.of_caller(session, caller, params, SUMMARY, knowledge(request)))


@own.get("/daily", response_model=Daily, responses=OTHER_FORMATS)
async def get_my_daily(
    request: Request, session: ReadSession, caller: CurrentUser, params: Annotated[DailyParams, query(DailyParams)]
) -> Response:
    """See what was going on on a day with your tasks, in all your projects that are not archived."""
    return respond(await service.of_caller(session, caller, params, DAILY, knowledge(request)))


@own.get("/workload", response_model=Workload, responses=OTHER_FORMATS)
async def get_my_workload(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how much you have to do, in all your projects that are not archived."""
    return respond(await service.of_caller(session, caller, params, WORKLOAD, knowledge(request)))


@own.get("/ageing", response_model=Ageing, responses=OTHER_FORMATS)
async def get_my_ageing(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how long what you have in work has been in work, in all your projects that are not archived."""
    return respond(await service.of_caller(session, caller, params, AGEING, knowledge(request)))


@own.get("/time", response_model=TimeWorked, responses=OTHER_FORMATS)
async def get_my_time_worked(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how long you worked on what within the days, in all your projects that are not archived."""
    return respond(await service.of_caller(session, caller, params, TIME, knowledge(request)))


@own.get("/forecast", response_model=Forecast, responses=OTHER_FORMATS)
async def get_my_forecast(
    request: Request,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[ForecastParams, query(ForecastParams)],
) -> Response:
    """Estimate by when what you have to do will be done, from what was done of it in the days."""
    report = forecast_asked(params)
    return respond(await service.of_caller(session, caller, params, report, knowledge(request)))
