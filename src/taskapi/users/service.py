"""Accounts: made, changed, listed."""

from uuid import UUID

import asyncpg

from taskapi.auth import service as auth
from taskapi.auth.service import SignIns
from taskapi.core import pagination
from taskapi.core.answers import Document
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db import DbSession, Row
from taskapi.core.errors import Invalid, NotFound
from taskapi.core.events import difference, publish
from taskapi.core.ids import new_id
from taskapi.core.pagination import Slice
from taskapi.core.permissions import Permission, require_admin
from taskapi.core.preconditions import require_match
from taskapi.models import SystemRole
from taskapi.settings import Registration
from taskapi.users import events, queries
from taskapi.users.errors import EmailTaken, LastAdministrator, RegistrationClosed, UsernameTaken
from taskapi.users.schemas import ProfileUpdate, Register, UserFilter, UserUpdate


async def register(session: DbSession, sign_ins: SignIns, data: Register) -> Document:
    """Make an account for whoever asks, where registration is open."""
    if sign_ins.settings.registration is not Registration.OPEN:
        raise RegistrationClosed("Ask an administrator of this service for an account")
    return await create_user(session, sign_ins, data, SystemRole.USER)


async def create_user(session: DbSession, sign_ins: SignIns, data: Register, role: SystemRole) -> Document:
    if reason := auth.weakness(sign_ins.settings, data.password, data.username, data.email, data.full_name):
        raise Invalid("The password is not good enough", ("/password", "weak_password", reason))
    # Before the transaction's first statement: nobody shall wait for a hash with a connection in hand.
    password_hash = await sign_ins.passwords.hash(data.password)
    user_id, now = new_id(), utc_now()
    try:
        row = await session.fetch_row(
            queries.REGISTER,
            id=user_id,
            username=data.username,
            email=data.email,
            full_name=data.full_name,
            password_hash=password_hash,
            role=role,
            timezone=data.timezone,
            created_at=now,
            updated_at=now,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "uq_users_username":
            raise UsernameTaken("Choose another username") from None
        raise EmailTaken("Sign in instead, or use another address") from None
    assert row is not None
    document = Document.of(row)
    await publish(session, None, events.user_registered(user_id, data.username, document.fields()))
    return document


async def get_profile(session: DbSession, caller: Caller) -> Document:
    row = await session.fetch_row(queries.BY_ID, user_id=caller.id)
    assert row is not None
    return Document.of(row)


async def get_user(session: DbSession, caller: Caller, user_id: UUID) -> Document:
    """Somebody the caller shares a project with; the e-mail address for those who manage one of these."""
    row = await session.fetch_row(queries.VISIBLE, user_id=user_id, caller_id=caller.id, is_admin=caller.is_admin)
    if row is None:
        raise NotFound("There is no such user, or you share no project")
    return Document.of(row)


async def list_users(session: DbSession, caller: Caller, params: UserFilter, after: dict[str, str] | None) -> Slice:
    require_admin(caller, Permission.USER_MANAGE)
    values = queries.values(params)
    filters = frozenset(values)
    page = queries.page(filters, params.sort, params.limit, continues=after is not None)
    return await pagination.fetch(session, params, after, page=page, count=queries.count(filters), **values)


async def update_profile(session: DbSession, caller: Caller, data: ProfileUpdate, if_match: str | None) -> Document:
    row = await _load(session, caller.id, if_match)
    return await _change(session, caller, caller.id, row, data.model_dump(exclude_unset=True))


async def update_user(
    session: DbSession, caller: Caller, user_id: UUID, data: UserUpdate, if_match: str | None
) -> Document:
    """Administrators change a role, or disable an account: that ends its sessions."""
    require_admin(caller, Permission.USER_MANAGE)
    changes = data.model_dump(exclude_unset=True)
    weakens = changes.get("role") is SystemRole.USER or changes.get("is_active") is False
    rows = await session.fetch_rows(queries.ACTIVE_ADMINISTRATORS) if weakens else []
    row = await _load(session, user_id, if_match)
    if [administrator["id"] for administrator in rows] == [user_id]:
        raise LastAdministrator("Make somebody else an administrator first")
    document = await _change(session, caller, user_id, row, changes)
    if changes.get("is_active") is False:
        await auth.end_all_sessions(session, caller, user_id, "account disabled")
    return document


async def _load(session: DbSession, user_id: UUID, if_match: str | None) -> Row:
    row = await session.fetch_row(queries.FOR_UPDATE, user_id=user_id)
    if row is None:
        raise NotFound("There is no such user")
    require_match(if_match, Document.of(row))
    return row


async def _change(session: DbSession, caller: Caller, user_id: UUID, row: Row, changes: dict[str, object]) -> Document:
    before = Document.of(row)
    fields = before.fields()
    changes = {name: value for name, value in changes.items() if fields[name] != value}
    if not changes:
        return before
    statement = queries.change(tuple(sorted(changes)))
    changed = await session.fetch_row(statement, of_user=user_id, updated_at=utc_now(), **changes)
    assert changed is not None
    after = Document.of(changed)
    await publish(session, caller, events.user_updated(user_id, row["username"], difference(fields, after.fields())))
    return after
