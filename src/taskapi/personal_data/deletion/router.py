"""DELETE /users/me and /users/{id}."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import Administrator, CurrentUser
from taskapi.auth.errors import TooManySignIns, WrongPassword
from taskapi.core.http.answers import no_content
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.core.parts import parts
from taskapi.personal_data.deletion import service
from taskapi.personal_data.deletion.schemas import AccountDelete
from taskapi.projects.errors import LastOwner
from taskapi.users.errors import LastAdministrator

routes = router("/api/v1/users", "users")


@routes.delete(
    "/me",
    status_code=204,
    responses=problems(WrongPassword, LastOwner, LastAdministrator, TooManySignIns),
)
async def delete_me(
    body: AccountDelete, request: Request, session: WriteSession, user: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete your account, for good.

    Your name, address and all that you signed in with are erased. What you wrote stays, as by a deleted user;
    projects you were alone in go to the trash. While you are the last owner of a project with other members
    in which you have ever written something, the answer is a 409; any other passes to its most senior member.
    """
    device = dependencies.device(request)
    await service.delete_own(session, parts(request), user, device, body, if_match)
    return no_content()


@routes.delete(
    "/{user_id}",
    status_code=204,
    responses=problems(LastOwner, LastAdministrator),
)
async def delete_user(user_id: UUID, session: WriteSession, user: Administrator, if_match: IfMatch = None) -> Response:
    """Delete somebody's account, for good; for administrators. The same happens as when its owner deletes it."""
    await service.delete_user(session, user, user_id, if_match)
    return no_content()
