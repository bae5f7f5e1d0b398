"""/auth/password: forgotten, reset, changed."""

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.errors import TooManySignIns, WrongPassword
from taskapi.auth.recovery import jobs, service
from taskapi.auth.recovery.schemas import ChangePassword, ForgotPassword, PasswordChanged, ResetPassword
from taskapi.core.http.answers import accepted, no_content, text_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.core.parts import parts
from taskapi.core.secrets.one_time import LinkNotValid

routes = router("/api/v1/auth/password", "auth")


@routes.post("/forgot", status_code=202, response_class=Response)
async def forgot_password(body: ForgotPassword, session: WriteSession) -> Response:
    """Have a link mailed that resets the password, good for 30 minutes and for one use.

    The answer is the same whether or not there is such an account. A newer link makes the older ones void; at most
    five an hour are sent to one account, and none to a disabled one.
    """
    await jobs.send_reset_link.enqueue(session, email=body.email)
    return accepted()


@routes.post("/reset", status_code=204, responses=problems(LinkNotValid))
async def reset_password(body: ResetPassword, request: Request, session: WriteSession) -> Response:
    """Set a new password with the link from the mail.

    All sessions, API tokens and identities of the account end, links that were mailed are void, and an e-mail change
    that was pending is off. With `in_other_hands` so are the share links, open invitations, webhooks and
    rules that it made in the last seven days.
    The link proves the address, too. A second factor stays on, unless the address had not been proven before.
    """
    await service.reset_password(session, parts(request), body)
    return no_content()


@routes.post("/change", response_model=PasswordChanged, responses=problems(WrongPassword, TooManySignIns))
async def change_password(
    body: ChangePassword, request: Request, session: WriteSession, caller: CurrentUser
) -> Response:
    """Change your password. Your other sessions end; this one goes on.

    Links that were mailed are void, and an e-mail change that was pending is off. API tokens stay, and the answer
    lists them, unless `end_tokens` is true.
    """
    device = dependencies.device(request)
    tokens = await service.change_password(session, parts(request), caller, device, body)
    return text_answer(f'{{"api_tokens":[{",".join(tokens)}]}}')
