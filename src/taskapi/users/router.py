"""/auth/register and /users."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from taskapi.auth import dependencies
from taskapi.auth.dependencies import CurrentUser
from taskapi.auth.emails.errors import EmailTaken
from taskapi.auth.errors import TooManySignIns, WrongPassword
from taskapi.auth.schemas import UserRead
from taskapi.core.access.permissions import Resource
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page
from taskapi.core.mail.limits import TooManyMails
from taskapi.core.parts import parts
from taskapi.users import service
from taskapi.users.errors import LastAdministrator, RegistrationClosed, UsernameTaken
from taskapi.users.schemas import ProfileUpdate, Register, UserFilter, UserUpdate

registration = router("/api/v1/auth", "auth")
people = router("/api/v1/users", "users", resource=Resource.USERS)
routes = router("/api/v1/users", "users")


@registration.post(
    "/register",
    status_code=201,
    response_model=UserRead,
    responses=problems(RegistrationClosed, UsernameTaken, EmailTaken, TooManySignIns),
)
async def register(body: Register, request: Request, session: WriteSession) -> Response:
    """Make an account. The password needs 12 characters or more, and must not be a common one.

    A 409 for a name or an address that is taken counts like a failed sign-in of your network address.
    """
    document = await service.register(session, parts(request), dependencies.device(request), body)
    return created(document, "/api/v1/users/me")


@people.get("/me", response_model=UserRead)
async def get_me(session: ReadSession, caller: CurrentUser) -> Response:
    """Get your own account."""
    return resource(await service.get_profile(session, caller))


@routes.patch(
    "/me",
    response_model=UserRead,
    responses=problems(WrongPassword, TooManySignIns, TooManyMails),
)
async def update_me(
    body: ProfileUpdate, request: Request, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Change your name, time zone, language or e-mail address.

    A new address needs `current_password`. It becomes yours when the link that is mailed to it is opened; until
    then, and for a week after, a link in the old mailbox undoes the change.
    """
    device = dependencies.device(request)
    return resource(await service.update_profile(session, parts(request), caller, device, body, if_match))


@routes.get("", response_model=Page[UserRead])
async def list_users(
    session: ReadSession, caller: CurrentUser, params: Annotated[UserFilter, query(UserFilter)]
) -> Response:
    """List everybody; for administrators."""
    found = await service.list_users(session, caller, params)
    return pages.respond(params, found)


@people.get("/{user_id}", response_model=UserRead)
async def get_user(user_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get somebody you share a project with. The e-mail address is null, but for your own and to administrators."""
    return resource(await service.get_user(session, caller, user_id))


@routes.patch(
    "/{user_id}",
    response_model=UserRead,
    responses=problems(LastAdministrator),
)
async def update_user(
    user_id: UUID,
    body: UserUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change somebody's role, or disable the account; for administrators."""
    document = await service.update_user(session, caller, user_id, body, if_match)
    return resource(document)


@routes.post("/{user_id}/sign-out", status_code=204)
async def sign_user_out(
    user_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """End whatever opens somebody's account but its password; for administrators.

    Sessions, API tokens, identities, links that were mailed, a change of address that is pending; and what the
    account let in during the last seven days: share links and open invitations end, webhooks and rules that it made or
    changed are switched off. An authenticator app is taken off by `DELETE /users/{user_id}/totp`.
    """
    await service.sign_out(session, caller, user_id, if_match)
    return no_content()
