"""The reports of how work flows, of a project and of the caller."""

from typing import Annotated

from fastapi import Request
from starlette.responses import Response

from taskapi.analytics import service
from taskapi.analytics.flow.durations.schemas import Durations
from taskapi.analytics.flow.durations.service import CYCLE_TIME, LEAD_TIME
from taskapi.analytics.flow.levels.schemas import Burndown, CumulativeFlow
from taskapi.analytics.flow.levels.service import BURNDOWN, BURNUP, CUMULATIVE_FLOW
from taskapi.analytics.flow.throughput.schemas import Throughput, ThroughputParams
from taskapi.analytics.flow.throughput.service import THROUGHPUT
from taskapi.analytics.phases.errors import ReportsNotReady
from taskapi.analytics.router import OTHER_FORMATS, PREFIX, Asked, knowledge, respond
from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession

routes = router(PREFIX, "analytics", resource=Resource.TASKS)
own = router("/api/v1/analytics/me", "analytics", resource=Resource.TASKS)
AskedThroughput = Annotated[ThroughputParams, query(ThroughputParams)]
_RESPONSES = {**OTHER_FORMATS, **problems(ReportsNotReady)}


@routes.get("/burndown", response_model=Burndown, responses=_RESPONSES)
async def get_burndown(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how much was left to do at the end of each day; as `svg`, the line down to nothing."""
    return respond(await service.of_project(session, caller, project, params, BURNDOWN, knowledge(request)))


@routes.get("/burnup", response_model=Burndown, responses=_RESPONSES)
async def get_burnup(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how much was done at the end of each day, and of how much; as `svg`, the lines towards each other."""
    return respond(await service.of_project(session, caller, project, params, BURNUP, knowledge(request)))


@routes.get("/cumulative-flow", response_model=CumulativeFlow, responses=_RESPONSES)
async def get_cumulative_flow(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how many tasks were in each category at the end of each day."""
    return respond(await service.of_project(session, caller, project, params, CUMULATIVE_FLOW, knowledge(request)))


@routes.get("/cycle-time", response_model=Durations, responses=_RESPONSES)
async def get_cycle_time(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how long tasks that were done within the days took since they were first started."""
    return respond(await service.of_project(session, caller, project, params, CYCLE_TIME, knowledge(request)))


@routes.get("/lead-time", response_model=Durations, responses=OTHER_FORMATS)
async def get_lead_time(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how long tasks that were done within the days took since they were created."""
    return respond(await service.of_project(session, caller, project, params, LEAD_TIME, knowledge(request)))


@routes.get("/throughput", response_model=Throughput, responses=OTHER_FORMATS)
async def get_throughput(
    project: ProjectPath, request: Request, session: ReadSession, caller: CurrentUser, params: AskedThroughput
) -> Response:
    """See how many tasks were done in each day, week or month."""
    report = THROUGHPUT[params.bucket]
    return respond(await service.of_project(session, caller, project, params, report, knowledge(request)))


@own.get("/burndown", response_model=Burndown, responses=_RESPONSES)
async def get_my_burndown(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how much of what is yours now was left to do at the end of each day, in all your projects."""
    return respond(await service.of_caller(session, caller, params, BURNDOWN, knowledge(request)))


@own.get("/burnup", response_model=Burndown, responses=_RESPONSES)
async def get_my_burnup(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how much of what is yours now was done at the end of each day, and of how much, in all your projects."""
    return respond(await service.of_caller(session, caller, params, BURNUP, knowledge(request)))


@own.get("/cumulative-flow", response_model=CumulativeFlow, responses=_RESPONSES)
async def get_my_cumulative_flow(
    request: Request, session: ReadSession, caller: CurrentUser, params: Asked
) -> Response:
    """See how many of your tasks of now were in each category at the end of each day, in all your projects."""
    return respond(await service.of_caller(session, caller, params, CUMULATIVE_FLOW, knowledge(request)))


@own.get("/cycle-time", response_model=Durations, responses=_RESPONSES)
async def get_my_cycle_time(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how long your tasks that were done within the days took since they were first started."""
    return respond(await service.of_caller(session, caller, params, CYCLE_TIME, knowledge(request)))


@own.get("/lead-time", response_model=Durations, responses=OTHER_FORMATS)
async def get_my_lead_time(request: Request, session: ReadSession, caller: CurrentUser, params: Asked) -> Response:
    """See how long your tasks that were done within the days took since they were created."""
    return respond(await service.of_caller(session, caller, params, LEAD_TIME, knowledge(request)))


@own.get("/throughput", response_model=Throughput, responses=OTHER_FORMATS)
async def get_my_throughput(
    request: Request, session: ReadSession, caller: CurrentUser, params: AskedThroughput
) -> Response:
    """See how many of your tasks were done in each day, week or month, in all your projects."""
    return respond(await service.of_caller(session, caller, params, THROUGHPUT[params.bucket], knowledge(request)))
