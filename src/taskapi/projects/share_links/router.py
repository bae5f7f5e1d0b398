"""/projects/{project}/share-links, and /shared/{token}."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Path, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.errors import TooManySignIns
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken, NotFound
from taskapi.core.http import pages
from taskapi.core.http.answers import NO_STORE, no_content, resource, secret_answer, text_answer
from taskapi.core.http.idempotency import AnswerNotKept
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.core.parts import parts
from taskapi.core.secrets.passwords import MAX_LENGTH
from taskapi.core.urls import public_url
from taskapi.projects.errors import ProjectArchived
from taskapi.projects.share_links import service
from taskapi.projects.share_links.errors import (
    PASSWORD_HEADER,
    SharePasswordRequired,
    TooManyShareLinks,
    WrongSharePassword,
)
from taskapi.projects.share_links.schemas import (
    SharedProject,
    ShareLinkCreate,
    ShareLinkCreated,
    ShareLinkRead,
)

routes = router("/api/v1/projects/{project}/share-links", "share-links", resource=Resource.PROJECTS)
shared = router("/api/v1/shared", "share-links")
OPENING: Final = (NotFound, SharePasswordRequired, WrongSharePassword, TooManySignIns)
LinkPath = Annotated[str, Path(description="The token of a share link", examples=["c29tZSBsb25nIHNlY3JldA"])]
SentPassword = Annotated[
    str | None,
    Header(alias=PASSWORD_HEADER, max_length=MAX_LENGTH, description="The link's password, where it has one"),
    WithJsonSchema({"type": "string", "maxLength": MAX_LENGTH}),
]


@routes.get("", response_model=Page[ShareLinkRead], responses=problems(Forbidden))
async def list_share_links(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the links that were not revoked, newest first; never their secrets."""
    found = await service.list_share_links(session, caller, project, params)
    return pages.respond(params, found)


@routes.post(
    "",
    status_code=201,
    response_model=ShareLinkCreated,
    responses=problems(Forbidden, ProjectArchived, TooManyShareLinks, IdTaken, AnswerNotKept),
)
async def create_share_link(
    project: ProjectPath, body: ShareLinkCreate, request: Request, session: WriteSession, caller: CurrentUser
) -> Response:
    """Make a link that shows the project to whoever has it, without an account or a right to write.

    The answer holds its secret, which is not stored and never shown again; so a repeat with the same Idempotency-Key
    makes no second link, but cannot repeat the secret either: it is a 409. The link is dark while you, who made it,
    are disabled or no admin of the project.
    """
    link, token = await service.create_share_link(session, parts(request), caller, project, body)
    fields = {
        **link.fields(),
        "token": token,
        "url": f"{public_url(parts(request).settings)}/shared/{token}",
    }
    return secret_answer(fields, link, f"/api/v1/projects/{project}/share-links/{fields['id']}")


@routes.get("/{link_id}", response_model=ShareLinkRead, responses=problems(Forbidden))
async def get_share_link(project: ProjectPath, link_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one link that was not revoked; never its secret."""
    return resource(await service.get_share_link(session, caller, project, link_id))


@routes.delete("/{link_id}", status_code=204, responses=problems(Forbidden))
async def revoke_share_link(
    project: ProjectPath, link_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Revoke a link: it opens nothing from now on."""
    await service.revoke_share_link(session, caller, project, link_id, if_match)
    return no_content()


@shared.get("/{token}", response_model=SharedProject, responses=problems(*OPENING))
async def get_shared_project(token: LinkPath, request: Request, x_share_password: SentPassword = None) -> Response:
    """Get the project that a link shows. No sign-in; a link with a password needs it in `X-Share-Password`."""
    body = await service.get_shared_project(parts(request), dependencies.device(request), token, x_share_password)
    return text_answer(body, headers={"Cache-Control": NO_STORE})
