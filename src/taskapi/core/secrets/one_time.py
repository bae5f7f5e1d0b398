"""Tokens of links in mails: for one purpose, for a while, used once by an atomic update.

A token is its row's id and a MAC over id and purpose: 256 bits that no copy of the database gives away, and that
the job which writes the mail computes itself, so that no queue holds it either.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare
from taskapi.core.errors import BadRequest
from taskapi.core.ids import new_id
from taskapi.core.secrets.digests import derive_key, from_text, mac, to_text
from taskapi.models import OneTimeToken

_ID_BYTES: Final = 16
# As long as the longest link is good: of two, whose mailbox was first can be told until the second has run out.
_KEPT_AFTER_EXPIRY: Final = timedelta(days=7)


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name
    CHANGE_EMAIL = "change_email"
    UNDO_EMAIL_CHANGE = "undo_email_change"
    INVITATION = "invitation"
    STREAM = "stream"


LIFETIMES: Final = {
    Purpose.VERIFY_EMAIL: timedelta(days=3),
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.UNDO_EMAIL_CHANGE: timedelta(days=7),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.STREAM: timedelta(seconds=30),
}


class LinkNotValid(BadRequest):
    """One answer for a link that was never made, has run out, was used, or was replaced by a newer one."""

    code, title = "link_not_valid", "This link is not valid any more"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a good token stood for."""

    id: UUID
    subject_id: UUID
    details: dict[str, str]
    created_at: datetime


class _UsedRow(TypedDict):
    id: UUID
    subject_id: UUID
    details: dict[str, str]
    created_at: datetime


_ISSUE = prepare(insert(OneTimeToken), "id", "purpose", "subject_id", "details", "created_at", "expires_at")
_good = and_(
    OneTimeToken.id == bindparam("of_token"),
    OneTimeToken.purpose == bindparam("of_purpose"),
    OneTimeToken.used_at.is_(None),
    OneTimeToken.expires_at > bindparam("now"),
)
_SUBJECT = prepare(select(OneTimeToken.subject_id).where(_good), row=One[UUID])
# One statement checks and marks: of twenty requests with the same token, one changes the row.
_USE = prepare(
    update(OneTimeToken)
    .where(_good)
    .values(used_at=bindparam("now"))
    .returning(OneTimeToken.id, OneTimeToken.subject_id, OneTimeToken.details, OneTimeToken.created_at),
    row=_UsedRow,
)
_VOID = prepare(
    update(OneTimeToken)
    .where(
        OneTimeToken.subject_id == bindparam("of_subject"),
        OneTimeToken.purpose == bindparam("of_purpose"),
        OneTimeToken.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
_ISSUED_SINCE = prepare(
    select(func.count())
    .select_from(OneTimeToken)
    .where(
        OneTimeToken.subject_id == bindparam("of_subject"),
        OneTimeToken.purpose == bindparam("of_purpose"),
        OneTimeToken.created_at > bindparam("since"),
    ),
    row=One[int],
)
_SWEEP = prepare(delete(OneTimeToken).where(OneTimeToken.expires_at < bindparam("before")))


class OneTimeTokens:
    """Writes and reads tokens with the service's key."""

    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "one-time tokens")

    def write(self, purpose: Purpose, token_id: UUID) -> str:
        return to_text(token_id.bytes + mac(self._key, f"{purpose}:".encode() + token_id.bytes))

    def read(self, purpose: Purpose, token: str) -> UUID:
        try:
            token_id = UUID(bytes=from_text(token)[:_ID_BYTES])
        except ValueError:
            raise not_valid() from None
        if not hmac.compare_digest(token.encode(), self.write(purpose, token_id).encode()):
            raise not_valid()
        return token_id


async def issue(
    session: DbSession,
    purpose: Purpose,
    subject_id: UUID,
    details: dict[str, str] | None = None,
    *,
    voids_older: bool = True,
) -> UUID:
    """A new token's id; those issued before for the same purpose and subject are void from now on."""
    now = utc_now()
    if voids_older:
        await void(session, purpose, subject_id)
    token_id = new_id()
    await session.run(
        _ISSUE,
        id=token_id,
        purpose=purpose,
        subject_id=subject_id,
        details=json.dumps(details or {}),
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    return token_id


async def subject(session: DbSession, tokens: OneTimeTokens, purpose: Purpose, token: str) -> UUID:
    """Whose token it is, without using it; raises LinkNotValid as `use` does."""
    of_token = tokens.read(purpose, token)
    found = await session.fetch_value(_SUBJECT, of_token=of_token, of_purpose=purpose, now=utc_now())
    if found is None:
        raise not_valid()
    return found


async def use(session: DbSession, tokens: OneTimeTokens, purpose: Purpose, token: str) -> Opened:
    """What the token stands for, the first time; raises LinkNotValid for every other, and ever after."""
    of_token = tokens.read(purpose, token)
    row = await session.fetch_row(_USE, of_token=of_token, of_purpose=purpose, now=utc_now())
    if row is None:
        raise not_valid()
    return Opened(**row)


async def issued_since(session: DbSession, purpose: Purpose, subject_id: UUID, since: datetime) -> int:
    """How many were issued, used or not: what bounds the mails that somebody gets."""
    return await session.only_value(_ISSUED_SINCE, of_subject=subject_id, of_purpose=purpose, since=since)


async def void(session: DbSession, purpose: Purpose, subject_id: UUID) -> None:
    await session.run(_VOID, of_subject=subject_id, of_purpose=purpose, now=utc_now())


async def sweep(session: DbSession) -> None:
    await session.run(_SWEEP, before=utc_now() - _KEPT_AFTER_EXPIRY)


def not_valid() -> LinkNotValid:
    return LinkNotValid("It has run out, was used, or a newer one was sent; ask for a new one")
