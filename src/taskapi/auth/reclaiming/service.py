"""The account was, or may have been, in other hands: what each act of its owner or of an administrator then ends.

The table below is the one place that says so, and docs/security.md shows it to people. Whatever opens an account, or
was made with it and opens something by itself, is a `Hold`; a test fails for one that is not.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from taskapi.auth import links
from taskapi.auth import queries as accounts
from taskapi.auth.api_tokens import service as api_tokens
from taskapi.auth.identities import service as identities
from taskapi.auth.queries import LockedAccount
from taskapi.auth.reclaiming import events, queries
from taskapi.auth.second_factor import service as second_factor
from taskapi.auth.sessions import service as sessions
from taskapi.core.callers import Caller
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.hooks import Hook
from taskapi.core.secrets.one_time import LIFETIMES, Purpose


class Hold(StrEnum):
    """A way into the account, or what was made with it and opens something by itself."""

    OTHER_SESSIONS = "other sessions"
    THIS_SESSION = "this session"
    LINKS = "pending links and changes"
    API_TOKENS = "API tokens"
    IDENTITIES = "identities"
    SECOND_FACTOR = "second factor"
    PASSWORD = "password"  # noqa: S105 - a name
    LET_IN = "what it let in"
    """Share links, open invitations, feeds, webhooks and rules that the account made or changed in the last week."""


class Act(StrEnum):
    """What is done, as the change log gives it for the reason why something ended."""

    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a reason
    SIGNED_OUT_EVERYWHERE = "signed out everywhere"
    PASSWORD_RESET = "password reset"  # noqa: S105 - a reason
    CHANGE_UNDONE = "e-mail change undone"
    ADDRESS_PROVEN = "e-mail address proven"
    SIGNED_OUT_BY_ADMINISTRATOR = "signed out by an administrator"
    DISABLED = "account disabled"
    DELETED = "account deleted"


_SESSIONS: Final = frozenset({Hold.OTHER_SESSIONS, Hold.THIS_SESSION})
# Of an account whose address nobody had proven: somebody else may have registered it, and set all there is, and waited.
UNPROVEN: Final = frozenset({Hold.IDENTITIES, Hold.SECOND_FACTOR, Hold.PASSWORD, Hold.LET_IN})
ENDS: Final[dict[Act, frozenset[Hold]]] = {
    Act.PASSWORD_CHANGED: frozenset({Hold.OTHER_SESSIONS, Hold.LINKS}),
    Act.SIGNED_OUT_EVERYWHERE: _SESSIONS | {Hold.LINKS},
    Act.PASSWORD_RESET: _SESSIONS | {Hold.LINKS, Hold.API_TOKENS, Hold.IDENTITIES},
    Act.CHANGE_UNDONE: _SESSIONS | {Hold.LINKS, Hold.API_TOKENS, Hold.IDENTITIES, Hold.LET_IN},
    Act.ADDRESS_PROVEN: frozenset({Hold.OTHER_SESSIONS, Hold.LINKS, Hold.API_TOKENS}),
    Act.SIGNED_OUT_BY_ADMINISTRATOR: _SESSIONS | {Hold.LINKS, Hold.API_TOKENS, Hold.IDENTITIES, Hold.LET_IN},
    Act.DISABLED: _SESSIONS | {Hold.LINKS},
    # Identities, factors and passwords go with the rows that hold them.
    Act.DELETED: _SESSIONS | {Hold.LINKS, Hold.API_TOKENS},
}
# As long as the owner has to undo a change of address; an invitation is open no longer.
_LOOK_BACK: Final = LIFETIMES[Purpose.UNDO_EMAIL_CHANGE]

# With session, caller, whose account it is, and since when it may have been in other hands.
ON_RECLAIMED: Final[Hook[[DbSession, Caller, UUID, datetime]]] = Hook("an account is taken back")


async def reclaim(
    session: DbSession,
    caller: Caller,
    user_id: UUID,
    act: Act,
    *,
    also: frozenset[Hold] = frozenset(),
    linked_since: datetime | None = None,
) -> None:
    """End what the act ends, and what it was asked to end besides, each with its fact.

    `linked_since`: identities that were linked before then are the owner's, and stay.
    """
    account = await session.fetch_row(accounts.LOCK_ACCOUNT, of_user=user_id)
    if account is None:
        return
    # A sign-in that is under way sees by it that what it has proven may be worth nothing any more.
    await session.run(accounts.TOUCH, of_user=user_id, updated_at=utc_now())
    ends = ENDS[act] | also
    if Hold.LINKS in ends:
        await links.void_pending(session, user_id)
    if Hold.THIS_SESSION in ends or caller.session_id is None:
        await sessions.end_all_sessions(session, caller, user_id, act)
    else:
        await sessions.end_other_sessions(session, caller, act)
    if Hold.API_TOKENS in ends:
        await api_tokens.end_all(session, caller, user_id, act)
    if Hold.IDENTITIES in ends:
        await identities.unlink_all(session, caller, user_id, act, since=linked_since)
    if Hold.SECOND_FACTOR in ends:
        await second_factor.take_off(session, caller, account)
    if Hold.PASSWORD in ends:
        await _drop_password(session, caller, account)
    if Hold.LET_IN in ends:
        await ON_RECLAIMED(session, caller, user_id, utc_now() - _LOOK_BACK)


async def _drop_password(session: DbSession, caller: Caller, account: LockedAccount) -> None:
    await session.run(queries.DROP_PASSWORD, of_user=account["id"], updated_at=utc_now())
    await publish(session, caller, events.password_dropped(account["id"], account["username"]))
