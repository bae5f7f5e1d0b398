"""/projects/{project}/webhooks/{webhook_id}/deliveries, and what is sent because somebody asks for it."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, InvalidCursor
from taskapi.core.http import pages
from taskapi.core.http.answers import resource, text_answer
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.core.parts import parts
from taskapi.projects.errors import ProjectArchived
from taskapi.webhooks.deliveries import service
from taskapi.webhooks.deliveries.schemas import DeliveryFilter, DeliveryRead, Replay, ReplayParams
from taskapi.webhooks.errors import TooManyWaiting, WebhookDisabled

routes = router("/api/v1/projects/{project}/webhooks/{webhook_id}", "webhooks", resource=Resource.WEBHOOKS)
_SENDING = (Forbidden, ProjectArchived, WebhookDisabled)


@routes.get("/deliveries", response_model=Page[DeliveryRead], responses=problems(Forbidden))
async def list_webhook_deliveries(
    project: ProjectPath,
    webhook_id: UUID,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[DeliveryFilter, query(DeliveryFilter)],
) -> Response:
    """List what was and will be sent, newest first, with request and answer. Deliveries are kept for 30 days.

    Of bodies the first 4,096 characters are shown; one delivery alone shows 65,536.
    """
    found = await service.list_deliveries(session, caller, project, webhook_id, params)
    return pages.respond(params, found)


@routes.get("/deliveries/{delivery_id}", response_model=DeliveryRead, responses=problems(Forbidden))
async def get_webhook_delivery(
    project: ProjectPath, webhook_id: UUID, delivery_id: UUID, session: ReadSession, caller: CurrentUser
) -> Response:
    """Get one delivery, with request and answer."""
    return resource(await service.get_delivery(session, caller, project, webhook_id, delivery_id))


@routes.post(
    "/deliveries/{delivery_id}/redeliver",
    status_code=202,
    response_model=DeliveryRead,
    responses=problems(*_SENDING),
)
async def redeliver_webhook_delivery(
    project: ProjectPath,
    webhook_id: UUID,
    delivery_id: UUID,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Send a delivery once more, whatever has become of it, with the same `webhook-id`.

    If that fails it is tried again as ever, ten times in all.
    """
    delivery = await service.redeliver(session, caller, project, webhook_id, delivery_id, if_match)
    return resource(delivery, status=202)


@routes.post("/ping", status_code=202, response_model=DeliveryRead, responses=problems(*_SENDING))
async def ping_webhook(
    project: ProjectPath, webhook_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Send a `webhook.ping`, to see whether the receiver takes it. How it went is said by the delivery in a moment."""
    return resource(await service.ping(session, caller, project, webhook_id, if_match), status=202)


@routes.post(
    "/replay",
    status_code=202,
    response_model=Replay,
    responses=problems(*_SENDING, InvalidCursor, TooManyWaiting),
)
async def replay_webhook(
    project: ProjectPath,
    webhook_id: UUID,
    request: Request,
    session: WriteSession,
    caller: CurrentUser,
    params: Annotated[ReplayParams, query(ReplayParams)],
    if_match: IfMatch = None,
) -> Response:
    """Deliver what happened since an instant, also what was delivered already and what is older than the webhook.

    For a receiver that has lost something. The first 1,000 changes of the kinds that the webhook sends; `next_since`
    goes on behind them. A change that was sent before keeps its `webhook-id`, so that a receiver that has it can tell.
    """
    cursors = parts(request).cursors
    replay = await service.replay(session, cursors, caller, project, webhook_id, params.since, if_match)
    return text_answer(replay.model_dump_json(), status=202)
