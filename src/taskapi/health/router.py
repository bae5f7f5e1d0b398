"""/health/live, /health/ready, /health and /metrics."""

import hmac
import ipaddress

from fastapi import Request
from starlette.responses import Response

import taskapi
from taskapi.auth.dependencies import CallerIfAny
from taskapi.core import context
from taskapi.core.errors import InvalidToken, Unauthorized
from taskapi.core.http.answers import json_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession
from taskapi.core.observing.metrics import CONTENT_TYPE
from taskapi.core.parts import parts
from taskapi.health import service
from taskapi.health.schemas import Health, Live, Ready, State

routes = router("", "health")
_UNREADY = 503


@routes.get("/health/live", response_model=Live)
async def live() -> Response:
    """Say whether the process answers. It asks nobody else."""
    return json_answer({"status": State.OK})


@routes.get("/health/ready", response_model=Ready, responses={_UNREADY: {"model": Ready}})
async def ready(request: Request) -> Response:
    """Say whether to send requests here: the database answers, the schema is not behind, no shutdown has begun."""
    found = await service.readiness(parts(request))
    answer = json_answer(found.model_dump())
    answer.status_code = 200 if found.status is State.OK else _UNREADY
    return answer


@routes.get("/health", response_model=Health, responses=problems(InvalidToken))
async def health(session: ReadSession, caller: CallerIfAny) -> Response:
    """Say the version; for administrators also that of every part."""
    shown: dict[str, object] = {"status": State.OK, "version": taskapi.__version__}
    if caller is not None and caller.is_admin:
        shown["components"] = await service.components(session)
    return json_answer(shown)


@routes.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems(Unauthorized)},
)
async def metrics(request: Request) -> Response:
    """Get figures for Prometheus, by METRICS_TOKEN or from METRICS_NETWORKS."""
    if not _may_read_metrics(request):
        raise Unauthorized("Send METRICS_TOKEN as a bearer token, or ask from one of METRICS_NETWORKS")
    return Response(parts(request).metrics.render(), media_type=CONTENT_TYPE)


def _may_read_metrics(request: Request) -> bool:
    settings = parts(request).settings
    token = settings.security.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token is not None and hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        return True
    if context.FORWARDED in request.scope:  # from behind a proxy, by whose address anybody would be local
        return False
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return any(address in network for network in settings.security.metrics_networks)
