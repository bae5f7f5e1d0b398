"""Links that are mailed to the owner of an account: used up, bounded, and void when the account is taken back."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from taskapi.auth import accounts, queries
from taskapi.auth.queries import LockedAccount
from taskapi.core.callers import Caller
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.parts import Parts
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import Opened, Purpose
from taskapi.models import SystemRole

MAILS_AN_HOUR: Final = 5
_HOUR: Final = timedelta(hours=1)
# All that go to somebody's mailbox, but those that undo a change of address: they are what an owner comes back by.
_VOIDED: Final = (Purpose.VERIFY_EMAIL, Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL)


async def open_link(session: DbSession, parts: Parts, purpose: Purpose, token: str) -> tuple[LockedAccount, Opened]:
    """The account, locked, and what the link stood for; LinkNotValid for a disabled account too.

    It locks the account before it uses the link up, as all that writes to an account does: so no two of them wait for
    each other.
    """
    account = await accounts.lock(session, await one_time.subject(session, parts.links, purpose, token))
    if account is None:
        raise one_time.not_valid()
    return account, await one_time.use(session, parts.links, purpose, token)


async def are_enough(session: DbSession, purpose: Purpose, user_id: UUID) -> bool:
    """Whether no more may be sent this hour, so that nobody fills another's mailbox. The account has been locked."""
    return await one_time.issued_since(session, purpose, user_id, utc_now() - _HOUR) >= MAILS_AN_HOUR


async def void_pending(session: DbSession, user_id: UUID) -> None:
    """What was asked for before opens nothing any more; a change of address that was pending is off."""
    for purpose in _VOIDED:
        await one_time.void(session, purpose, user_id)
    await session.run(queries.VOID_LATER_UNDOS, of_user=user_id, now=utc_now())


def owner(account: LockedAccount) -> Caller:
    """Whoever reads the account's mail acts as its owner."""
    return Caller(account["id"], SystemRole(account["role"]))
