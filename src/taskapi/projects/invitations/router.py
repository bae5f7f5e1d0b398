"""/projects/{project}/invitations, and /invitations/accept."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.emails.errors import EmailNotVerified
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import ProjectPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.core.mail.limits import TooManyMails
from taskapi.core.parts import parts
from taskapi.core.secrets.one_time import LinkNotValid
from taskapi.projects.errors import AlreadyMember, ProjectArchived
from taskapi.projects.invitations import service
from taskapi.projects.invitations.errors import InvitationForAnotherAddress, TooManyInvitations
from taskapi.projects.invitations.schemas import InvitationAccept, InvitationCreate, InvitationRead
from taskapi.projects.schemas import ProjectRead

routes = router("/api/v1/projects/{project}/invitations", "members", resource=Resource.MEMBERS)
# It proves a mailbox, which is an account's business: no API token gets here.
acceptance = router("/api/v1/invitations", "members")


@routes.get("", response_model=Page[InvitationRead], responses=problems(Forbidden))
async def list_invitations(
    project: ProjectPath,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List the open invitations, newest first. One whose sender could not send it today is open no more."""
    found = await service.list_invitations(session, caller, project, params)
    return pages.respond(params, found)


@routes.post(
    "",
    status_code=201,
    response_model=InvitationRead,
    responses=problems(
        Forbidden, EmailNotVerified, AlreadyMember, TooManyInvitations, ProjectArchived, TooManyMails, IdTaken
    ),
)
async def create_invitation(
    project: ProjectPath, body: InvitationCreate, request: Request, session: WriteSession, caller: CurrentUser
) -> Response:
    """Invite somebody by e-mail, with a role that is not above your own, for seven days.

    The answer is the same whether or not the address has an account, and whether or not that is in the project. A
    newer invitation replaces an older one. Where the service sends mail, your own address must be proven. You may
    send 20 an hour and 50 a day; an address gets 5 an hour and 20 a day, over all projects.
    """
    invitation = await service.create_invitation(session, parts(request), caller, project, body)
    return created(invitation, f"/api/v1/projects/{project}/invitations/{invitation.fields()['id']}")


@routes.get("/{invitation_id}", response_model=InvitationRead, responses=problems(Forbidden))
async def get_invitation(
    project: ProjectPath, invitation_id: UUID, session: ReadSession, caller: CurrentUser
) -> Response:
    """Get one open invitation."""
    return resource(await service.get_invitation(session, caller, project, invitation_id))


@routes.delete("/{invitation_id}", status_code=204, responses=problems(Forbidden))
async def revoke_invitation(
    project: ProjectPath, invitation_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Take an invitation back: its link opens nothing any more."""
    await service.revoke_invitation(session, caller, project, invitation_id, if_match)
    return no_content()


@acceptance.post(
    "/accept",
    response_model=ProjectRead,
    responses=problems(LinkNotValid, InvitationForAnotherAddress, AlreadyMember, ProjectArchived),
)
async def accept_invitation(
    body: InvitationAccept, request: Request, session: WriteSession, caller: CurrentUser
) -> Response:
    """Join a project with the link from the mail, signed in with the account of the address it was sent to.

    The link proves that the address is yours. If it was not proven before, your other sessions and API tokens end;
    and if the account is older than the invitation, so do its password and second factor, for somebody else may have
    set them: a link to set a new password is then mailed to you. The session that you use here goes on.
    """
    document = await service.accept_invitation(session, parts(request), caller, body)
    return resource(document)
