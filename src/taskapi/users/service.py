"""Accounts: made, changed, listed."""

from uuid import UUID

import asyncpg
import structlog

from taskapi.auth import accounts, limits
from taskapi.auth import queries as account_queries
from taskapi.auth.accounts import Device
from taskapi.auth.emails import service as emails
from taskapi.auth.emails.errors import EmailTaken
from taskapi.auth.reclaiming import service as reclaiming
from taskapi.auth.reclaiming.service import Act
from taskapi.core.access import reach
from taskapi.core.access.known_callers import RightsChanged
from taskapi.core.access.permissions import Permission, require_admin
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import difference, publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.errors import Invalid, NotFound
from taskapi.core.ids import new_id
from taskapi.core.lists import paging
from taskapi.core.lists.paging import Slice
from taskapi.core.parts import Parts
from taskapi.core.resources.document import Document, require_match
from taskapi.models import SystemRole
from taskapi.settings import Registration
from taskapi.users import events, queries
from taskapi.users.errors import LastAdministrator, RegistrationClosed, UsernameTaken
from taskapi.users.queries import NamedAccount
from taskapi.users.schemas import ProfileUpdate, Register, UserFilter, UserUpdate

log = structlog.stdlib.get_logger("taskapi.users")


async def register(session: DbSession, parts: Parts, device: Device, data: Register) -> Document:
    """Make an account for whoever asks, where registration is open, or for whoever is invited to a project.

    A name or an address that is taken counts like a failed sign-in: who has an account shall not be asked by the list.
    """
    if not await _may_register(parts, data.email):
        raise RegistrationClosed("Ask an administrator of this service for an account")
    counters = limits.of_registration(parts.settings.security, device.address)
    attempt = await limits.counted_until_end(session, parts.database, counters)
    try:
        document = await create_user(session, parts, data, SystemRole.USER)
    except (UsernameTaken, EmailTaken):
        attempt.succeeded = False
        raise
    await emails.send_verification(session, UUID(document.fields()["id"]), data.username, data.email)
    return document


async def _may_register(parts: Parts, email: str) -> bool:
    """Whether the settings let this address register.

    Where only the invited may, the answer tells anybody whether an address is invited. That cannot be avoided.
    """
    if parts.settings.security.registration is not Registration.INVITE:
        return parts.settings.security.registration is Registration.OPEN
    async with parts.database.autocommit() as reading:
        return await reading.only_value(account_queries.IS_INVITED, of_email=email, now=utc_now())


async def create_user(session: DbSession, parts: Parts, data: Register, role: SystemRole) -> Document:
    """Make an account, also for somebody else: no mail is sent to the address."""
    accounts.require_strength(
        parts.settings.security, "/password", data.password, data.username, data.email, data.full_name
    )
    # Before the first statement, so that the session holds no connection while the password is hashed.
    password_hash = await parts.passwords.hash(data.password)
    user_id, now = new_id(), utc_now()
    try:
        row = await session.only_row(
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
    document = Document.of(row)
    await publish(session, None, events.user_registered(user_id, data.username, document.fields()))
    return document


async def get_profile(session: DbSession, caller: Caller) -> Document:
    return Document.of(await session.only_row(account_queries.ACCOUNT, of_user=caller.id))


async def get_user(session: DbSession, caller: Caller, user_id: UUID) -> Document:
    """Somebody the caller shares a project with; the e-mail address for themselves and administrators alone."""
    statement = queries.visible(Reach.of(caller))
    row = await session.fetch_row(statement, of_user=user_id, is_admin=caller.is_admin, **reach.values(caller))
    if row is None:
        raise NotFound("There is no such user, or you share no project")
    return Document.of(row, pure=False)  # the address shows to some


async def list_users(session: DbSession, caller: Caller, params: UserFilter) -> Slice:
    require_admin(caller, Permission.USER_MANAGE)
    values = queries.values(params)
    filters = frozenset(values)
    page = queries.page(filters, params.sort, params.rows, continues=params.continues)
    return await paging.fetch(session, params, page=page, count=queries.count(filters), **values)


async def update_profile(
    session: DbSession, parts: Parts, caller: Caller, device: Device, data: ProfileUpdate, if_match: str | None
) -> Document:
    changes = data.model_dump(exclude_unset=True)
    email, password = changes.pop("email", None), changes.pop("current_password", None)
    if email is not None:
        if password is None:
            detail = "A new address needs your current password"
            raise Invalid(detail, ("/current_password", "missing", detail))
        await accounts.confirm_password(parts, caller, password, device)
    row = await _load(session, caller.id, if_match)
    document = await _change(session, caller, caller.id, row, changes)
    if email is not None:
        await emails.request_change(session, caller, email)
    return document


async def update_user(
    session: DbSession, caller: Caller, user_id: UUID, data: UserUpdate, if_match: str | None
) -> Document:
    """Administrators change a role, or disable an account: that ends its sessions."""
    require_admin(caller, Permission.USER_MANAGE)
    changes = data.model_dump(exclude_unset=True)
    weakens = changes.get("role") is SystemRole.USER or changes.get("is_active") is False
    # Every transaction locks the administrators before an account, so that no two of them wait for each other.
    last = weakens and await is_last_administrator(session, user_id)
    row = await _load(session, user_id, if_match)
    if last:
        raise last_administrator()
    document = await _change(session, caller, user_id, row, changes)
    document.pure = False  # as get_user shows it, at the same address
    if changes.get("is_active") is False:
        await reclaiming.reclaim(session, caller, user_id, Act.DISABLED)
    return document


async def require_another_administrator(session: DbSession, user_id: UUID) -> None:
    """Stop what would leave the service without an administrator."""
    if await is_last_administrator(session, user_id):
        raise last_administrator()


async def is_last_administrator(session: DbSession, user_id: UUID) -> bool:
    """Locks all of them until the transaction ends, so that the answer stays true."""
    return await session.fetch_values(queries.ACTIVE_ADMINISTRATORS) == [user_id]


def last_administrator() -> LastAdministrator:
    return LastAdministrator("Make somebody else an administrator first")


async def lock(session: DbSession, user_id: UUID) -> Document:
    """The account, disabled ones too, until the transaction ends."""
    return Document.of(await _load(session, user_id, None))


async def sign_out(session: DbSession, caller: Caller, user_id: UUID, if_match: str | None = None) -> None:
    """Administrators end whatever opens somebody's account but its password and its authenticator app."""
    require_admin(caller, Permission.USER_MANAGE)
    await _load(session, user_id, if_match)
    await reclaiming.reclaim(session, caller, user_id, Act.SIGNED_OUT_BY_ADMINISTRATOR)
    log.info("users.signed_out", user_id=str(user_id), by=str(caller.id))


async def _load(session: DbSession, user_id: UUID, if_match: str | None) -> NamedAccount:
    row = await session.fetch_row(queries.FOR_UPDATE, of_user=user_id)
    if row is None:
        raise NotFound("There is no such user")
    require_match(if_match, Document.of(row))
    return row


async def _change(
    session: DbSession, caller: Caller, user_id: UUID, row: NamedAccount, changes: dict[str, object]
) -> Document:
    before = Document.of(row)
    fields = before.fields()
    changes = {name: value for name, value in changes.items() if fields[name] != value}
    if not changes:
        return before
    statement = queries.change(tuple(sorted(changes)))
    after = Document.of(await session.only_row(statement, of_user=user_id, updated_at=utc_now(), **changes))
    session.announce(RightsChanged(user_id))
    await publish(session, caller, events.user_updated(user_id, row["username"], difference(fields, after.fields())))
    return after
