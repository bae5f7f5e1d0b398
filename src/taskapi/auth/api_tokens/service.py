"""Personal API tokens: made, listed, revoked. Only sessions come here: a token cannot make another."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from taskapi.auth import accounts
from taskapi.auth.api_tokens import events, queries
from taskapi.auth.api_tokens.errors import TooManyTokens
from taskapi.auth.api_tokens.schemas import ApiTokenCreate
from taskapi.auth.queries import LockedAccount
from taskapi.core.access.known_callers import RightsChanged
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid, NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import PageParams, Slice
from taskapi.core.mail.sending import send_notice
from taskapi.core.resources.document import Document, require_match
from taskapi.core.secrets import token_text
from taskapi.core.secrets.digests import digest

_MOST: Final = 100
_REMEMBERED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewToken:
    document: Document
    secret: str
    """The token itself, told this once."""


async def list_tokens(session: DbSession, caller: Caller, params: PageParams) -> Slice:
    """Those that were not revoked; an expired one stays in sight for a month, to be replaced."""
    return await paging.fetch_in_order(session, params, queries.page, queries.COUNT, of_user=caller.id)


async def get_token(session: DbSession, caller: Caller, token_id: UUID) -> Document:
    return _document(await session.fetch_value(queries.ONE, of_user=caller.id, of_token=token_id))


async def good(session: DbSession, caller: Caller) -> list[str]:
    """Those that open something now, as JSON texts."""
    return await session.fetch_values(queries.GOOD, of_user=caller.id, now=utc_now())


async def create_token(session: DbSession, caller: Caller, data: ApiTokenCreate) -> NewToken:
    token_id, now = new_id(), utc_now()
    # The tokens of one owner are made one after the other, so that none is made between another's count and its INSERT.
    account = await accounts.lock_own(session, caller)
    if await session.only_value(queries.COUNT_ALIVE, of_user=caller.id, now=now) >= _MOST:
        raise TooManyTokens(f"You have {_MOST} API tokens; revoke one that is not in use")
    await _require_mine(session, caller, data.project_ids or [])
    secret = token_text.new_token()
    body = await session.only_value(
        queries.CREATE,
        id=token_id,
        user_id=caller.id,
        name=data.name,
        prefix=token_text.shown_prefix(secret),
        secret_hash=digest(secret),
        scopes=list(data.scopes),
        project_ids=data.project_ids,
        created_at=now,
        expires_at=data.expires_at,
    )
    document = _document(body)
    await publish(session, caller, events.api_token_created(token_id, caller.id, data.name, document.fields()))
    await _tell_owner(session, account, data)
    return NewToken(document, secret)


async def revoke_token(session: DbSession, caller: Caller, token_id: UUID, if_match: str | None) -> None:
    body = await session.fetch_value(queries.ONE_LOCKED, of_user=caller.id, of_token=token_id)
    require_match(if_match, _document(body))
    row = await session.only_row(queries.REVOKE, of_user=caller.id, of_token=token_id, now=utc_now())
    session.announce(RightsChanged(caller.id))
    await publish(session, caller, events.api_token_revoked(row["id"], row["name"], "revoked"))


async def forget_tokens(session: DbSession) -> None:
    await session.run(queries.FORGET, before=utc_now() - _REMEMBERED)


async def end_all(session: DbSession, caller: Caller | None, user_id: UUID, reason: str) -> None:
    """Every API token of somebody's."""
    rows = await session.fetch_rows(queries.REVOKE_ALL, of_user=user_id, now=utc_now())
    session.announce(RightsChanged(user_id))
    await publish(session, caller, *(events.api_token_revoked(row["id"], row["name"], reason) for row in rows))


async def _tell_owner(session: DbSession, account: LockedAccount, data: ApiTokenCreate) -> None:
    """Whoever is signed in may be somebody else, and a token outlives the session it was made in."""
    values: dict[str, object] = {
        "username": account["username"],
        "name": data.name,
        "scopes": ", ".join(data.scopes),
        "expires_on": data.expires_at.date().isoformat(),
    }
    await send_notice(session, "api_token_created", account["email"], values)


def _document(body: str | None) -> Document:
    """Its use is noted without a new version: nobody changes a token, so that is 1 for ever."""
    if body is None:
        raise NotFound("You have no such API token")
    return Document(body, 1, pure=False)


async def _require_mine(session: DbSession, caller: Caller, project_ids: list[UUID]) -> None:
    if not project_ids:
        return
    mine = await session.fetch_values(queries.MY_PROJECTS_AMONG, of_user=caller.id, of_projects=project_ids)
    for index, project_id in enumerate(project_ids):
        if project_id not in mine:
            detail = "There is no such project, or you are not in it"
            raise Invalid(detail, (f"/project_ids/{index}", "unknown_project", detail))
