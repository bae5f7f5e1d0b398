"""/projects/{project}/webhooks."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import no_content, resource, secret_answer
from taskapi.core.http.idempotency import AnswerNotKept
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.core.parts import parts
from taskapi.projects.errors import ProjectArchived
from taskapi.webhooks import service
from taskapi.webhooks.errors import TooManyWebhooks, UrlNotAllowed
from taskapi.webhooks.schemas import WebhookCreate, WebhookRead, WebhookUpdate, WebhookWithSecret

routes = router("/api/v1/projects/{project}/webhooks", "webhooks", resource=Resource.WEBHOOKS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[WebhookRead], responses=problems(Forbidden))
async def list_webhooks(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the webhooks of a project, newest first; never their secrets."""
    return pages.respond(params, await service.list_webhooks(session, caller, project, params))


@routes.post(
    "",
    status_code=201,
    response_model=WebhookWithSecret,
    responses=problems(*_WRITING, UrlNotAllowed, TooManyWebhooks, IdTaken, AnswerNotKept),
)
async def create_webhook(
    project: ProjectPath, body: WebhookCreate, request: Request, session: WriteSession, caller: CurrentUser
) -> Response:
    """Make a webhook: from now on, what happens in the project is sent to its address. A project has 20 at most.

    The answer holds the secret that its requests are signed with, which is never shown again; so a repeat with the
    same Idempotency-Key makes no second webhook, but cannot repeat the secret either: it is a 409. The webhook is the
    project's: it stays when you leave.
    """
    webhook, secret = await service.create_webhook(session, parts(request), caller, project, body)
    fields = {**webhook.fields(), "secret": secret}
    return secret_answer(fields, webhook, f"/api/v1/projects/{project}/webhooks/{fields['id']}")


@routes.get("/{webhook_id}", response_model=WebhookRead, responses=problems(Forbidden))
async def get_webhook(project: ProjectPath, webhook_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one webhook; never its secret."""
    return resource(await service.get_webhook(session, caller, project, webhook_id))


@routes.patch("/{webhook_id}", response_model=WebhookRead, responses=problems(*_WRITING, UrlNotAllowed))
async def update_webhook(
    project: ProjectPath,
    webhook_id: UUID,
    body: WebhookUpdate,
    request: Request,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change where it sends and what, disable it, or enable it again.

    What waits to be delivered goes to the address that the webhook has by then.
    """
    return resource(await service.update_webhook(session, parts(request), caller, project, webhook_id, body, if_match))


@routes.delete("/{webhook_id}", status_code=204, responses=problems(Forbidden))
async def delete_webhook(
    project: ProjectPath, webhook_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete a webhook, for good, with what waits to be delivered."""
    await service.delete_webhook(session, caller, project, webhook_id, if_match)
    return no_content()


@routes.post(
    "/{webhook_id}/rotate-secret", response_model=WebhookWithSecret, responses=problems(*_WRITING, AnswerNotKept)
)
async def rotate_webhook_secret(
    project: ProjectPath,
    webhook_id: UUID,
    request: Request,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Give a webhook a new secret, shown this once.

    For 24 hours requests carry two signatures, of the new secret and of the one before, so that no receiver misses
    any while it changes over.
    """
    webhook, secret = await service.rotate_secret(session, parts(request), caller, project, webhook_id, if_match)
    return secret_answer({**webhook.fields(), "secret": secret}, webhook, status=200)
