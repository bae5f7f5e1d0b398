"""/auth/totp: codes of an authenticator app at sign-in; and /users/{id}/totp, for administrators."""

from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import Administrator, CurrentUser
from taskapi.auth.errors import TooManySignIns, WrongPassword
from taskapi.auth.second_factor import service
from taskapi.auth.second_factor.errors import TotpAlreadyOn, TotpNotOn, WrongTotpCode
from taskapi.auth.second_factor.schemas import NewRecoveryCodes, TotpCodeInput, TotpEnd, TotpOffer, TotpStart
from taskapi.core.http.answers import NO_STORE, json_answer, no_content
from taskapi.core.http.idempotency import AnswerNotKept
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.core.parts import parts

routes = router("/api/v1/auth/totp", "auth")
of_others = router("/api/v1/users", "users")


@routes.post(
    "",
    response_model=TotpOffer,
    responses=problems(WrongPassword, TotpAlreadyOn, AnswerNotKept, TooManySignIns),
)
async def start_totp(body: TotpStart, request: Request, session: WriteSession, caller: CurrentUser) -> Response:
    """Get a secret for your authenticator app. Sign-ins ask for codes once you have confirmed it with one."""
    device = dependencies.device(request)
    return _secret(await service.offer(session, parts(request), caller, device, body))


@routes.post(
    "/confirm",
    response_model=NewRecoveryCodes,
    responses=problems(WrongTotpCode, TotpAlreadyOn, TotpNotOn, AnswerNotKept, TooManySignIns),
)
async def confirm_totp(body: TotpCodeInput, request: Request, session: WriteSession, caller: CurrentUser) -> Response:
    """Turn the second factor on with a first code.

    The answer holds ten recovery codes, for the day the app is lost: keep them.
    """
    return _secret(await service.confirm(session, parts(request), caller, body.code))


@routes.delete(
    "",
    status_code=204,
    responses=problems(WrongPassword, WrongTotpCode, TotpNotOn, TooManySignIns),
)
async def disable_totp(body: TotpEnd, request: Request, session: WriteSession, caller: CurrentUser) -> Response:
    """Sign in without codes again."""
    device = dependencies.device(request)
    await service.disable(session, parts(request), caller, device, body)
    return no_content()


@routes.post(
    "/recovery-codes",
    response_model=NewRecoveryCodes,
    responses=problems(WrongTotpCode, TotpNotOn, AnswerNotKept, TooManySignIns),
)
async def renew_recovery_codes(
    body: TotpCodeInput, request: Request, session: WriteSession, caller: CurrentUser
) -> Response:
    """Get ten new recovery codes; the older ones do not work any more."""
    return _secret(await service.renew_recovery_codes(session, parts(request), caller, body.code))


@of_others.delete("/{user_id}/totp", status_code=204, responses=problems(TotpNotOn))
async def disable_totp_of(
    user_id: UUID, session: WriteSession, caller: Administrator, if_match: IfMatch = None
) -> Response:
    """Take somebody's authenticator app off; for administrators.

    For people who have lost theirs, or whose account somebody else set one up for. They get a mail. Your own is taken
    off at `/auth/totp`, with your password.
    """
    await service.disable_of(session, caller, user_id, if_match)
    return no_content()


def _secret(answer: BaseModel) -> Response:
    return json_answer(answer.model_dump(), headers={"Cache-Control": NO_STORE})
