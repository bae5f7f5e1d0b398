"""/auth/email: proving and changing the address of an account; and undoing a change, for administrators."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth.dependencies import Administrator, CallerIfAny
from taskapi.auth.emails import jobs, service
from taskapi.auth.emails.errors import EmailTaken, NoEmailChange
from taskapi.auth.emails.schemas import EmailLink, ResendRequest
from taskapi.core.errors import InvalidToken
from taskapi.core.http.answers import accepted, no_content
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.core.parts import parts
from taskapi.core.secrets.one_time import LinkNotValid

routes = router("/api/v1/auth/email", "auth")
of_others = router("/api/v1/users", "users")


@routes.post("/verify", status_code=204, responses=problems(LinkNotValid, InvalidToken))
async def verify_email(body: EmailLink, request: Request, session: WriteSession, caller: CallerIfAny) -> Response:
    """Prove your address with the link that was mailed to it.

    Send it signed in, and only other sessions and API tokens end. Without a session of the account nobody knows
    whether whoever registered the address is who reads its mail: its password and second factor then end, too, and a
    link to set a new password is mailed.
    """
    await service.verify(session, parts(request), caller, body.token)
    return no_content()


@routes.post("/resend", status_code=202, response_class=Response)
async def resend_verification(body: ResendRequest, session: WriteSession) -> Response:
    """Have the verification mailed again.

    The answer is the same whether or not there is such an account, and whether or not it is verified. At most five
    mails an hour are sent to one account.
    """
    await jobs.resend_verification.enqueue(session, email=body.email)
    return accepted()


@routes.post("/change/confirm", status_code=204, responses=problems(LinkNotValid, EmailTaken))
async def confirm_email_change(body: EmailLink, request: Request, session: WriteSession) -> Response:
    """Make the new address yours, with the link that was mailed to it."""
    await service.confirm_change(session, parts(request), body.token)
    return no_content()


@routes.post("/change/undo", status_code=204, responses=problems(LinkNotValid, EmailTaken))
async def undo_email_change(body: EmailLink, request: Request, session: WriteSession) -> Response:
    """Keep the old address, with the link that was mailed to it, for seven days.

    For the owner whose account somebody else got into: all sessions and API tokens end, so do identities that were
    linked since and what the account let in during the last seven days (share links, open invitations, and webhooks and
    rules that it wrote, which are switched off), and a link to set a new password is on its way.
    """
    await service.undo_change(session, parts(request), body.token)
    return no_content()


@of_others.post("/{user_id}/email-change/undo", status_code=204, responses=problems(NoEmailChange, EmailTaken))
async def undo_email_change_of(
    user_id: UUID, session: WriteSession, caller: Administrator, if_match: IfMatch = None
) -> Response:
    """Give somebody's account its address of a week ago back; for administrators.

    What the link in the old mailbox does, for an owner who cannot open it: the first change of the last seven days is
    undone, whatever opens the account ends, and a link to set a new password goes to the old address.
    """
    await service.undo_change_of(session, caller, user_id, if_match)
    return no_content()
