"""How many mails one sender causes and one address gets, over all projects and accounts.

Each bucket is a row that keeps when its mails were sent. Taking a place locks the row until the transaction ends: of
twenty at once as many pass as there is room for, and one that is rolled back has sent nothing.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, DateTime, bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.db.statements import One, prepare
from taskapi.core.errors import TooManyRequests
from taskapi.core.secrets.digests import digest, to_text
from taskapi.models import MailLimit

log = structlog.stdlib.get_logger("taskapi.mail")


@dataclass(frozen=True, slots=True)
class Bound:
    mails: int
    window: timedelta


_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
# Enough for a team that moves in; too few to make a mailer of an account.
PER_SENDER: Final = (Bound(20, _HOUR), Bound(50, _DAY))
# Of one kind. Who is invited to a sixth project within the hour can join one of the five, and be added by name.
# Invitations and one's own links are counted apart, so that no stranger keeps somebody's new password away.
PER_ADDRESS: Final = (Bound(5, _HOUR), Bound(20, _DAY))
# What was done with an account is told more often: a thief shall not silence it by five harmless acts.
NOTICES: Final = (Bound(20, _HOUR), Bound(50, _DAY))

_times = bindparam("sent_at", type_=ARRAY(DateTime(timezone=True)))
_new = insert(MailLimit).values(bucket=bindparam("of_bucket"), sent_at=_times, last_sent_at=bindparam("now"))
# The update changes nothing: it is how an INSERT locks the row that is there, and answers with it.
_LOCK: Final = prepare(
    _new.on_conflict_do_update(index_elements=[MailLimit.bucket], set_={"bucket": _new.excluded.bucket}).returning(
        MailLimit.sent_at
    ),
    row=One[list[datetime]],
)
_WRITE: Final = prepare(
    update(MailLimit)
    .where(MailLimit.bucket == bindparam("of_bucket"))
    .values(sent_at=_times, last_sent_at=bindparam("now"))
)
_SWEEP: Final = prepare(delete(MailLimit).where(MailLimit.last_sent_at < bindparam("before")))


class TooManyMails(TooManyRequests):
    """So that nobody can fill somebody's mailbox: wait as many seconds as `Retry-After` says."""

    code, title = "too_many_mails", "Too many mails for now"

    @classmethod
    def until(cls, seconds: int, detail: str) -> "TooManyMails":
        return cls(detail, headers={"Retry-After": str(seconds)})


async def require_room_for_sender(session: DbSession, user_id: UUID) -> None:
    """Take one of the mails that an account may have sent to addresses of its choice."""
    if seconds := await _take(session, f"sender:{user_id}", PER_SENDER):
        raise TooManyMails.until(seconds, f"You have sent as many as may be sent by one account: {_said(PER_SENDER)}")


async def require_room_at(session: DbSession, kind: str, address: str) -> None:
    """Take one of the mails of this kind that an address may get, whoever asks for it."""
    if seconds := await _take(session, _of(kind, address), PER_ADDRESS):
        raise TooManyMails.until(seconds, f"This address has got as many as one may get: {_said(PER_ADDRESS)}")


async def has_room_at(session: DbSession, kind: str, address: str, bounds: tuple[Bound, ...] = PER_ADDRESS) -> bool:
    """The same, where nobody is told: false says that the mail must not be sent."""
    if await _take(session, _of(kind, address), bounds):
        log.warning("mail.too_many", kind=kind)
        return False
    return True


async def sweep(session: DbSession) -> None:
    await session.run(_SWEEP, before=utc_now() - _DAY)


def _of(kind: str, address: str) -> str:
    """The address itself is not kept: an account that is deleted leaves no trace that could be read."""
    return f"{kind}:{to_text(digest(address))}"


async def _take(session: DbSession, bucket: str, bounds: tuple[Bound, ...]) -> int:
    """0, and the mail is counted; or for how many seconds there is no room."""
    now = utc_now()
    stored = await session.only_value(_LOCK, of_bucket=bucket, sent_at=[], now=now)
    times = [at for at in stored if at > now - _DAY]
    if seconds := max(_seconds_until_room(bound, times, now) for bound in bounds):
        return seconds
    await session.run(_WRITE, of_bucket=bucket, sent_at=[*times, now], now=now)
    return 0


def _seconds_until_room(bound: Bound, times: list[datetime], now: datetime) -> int:
    within = [at for at in times if at > now - bound.window]
    if len(within) < bound.mails:
        return 0
    leaves = within[-bound.mails] + bound.window
    return max(1, math.ceil((leaves - now).total_seconds()))


def _said(bounds: tuple[Bound, ...]) -> str:
    names = {_HOUR: "an hour", _DAY: "a day"}
    return " and ".join(f"{bound.mails} {names[bound.window]}" for bound in bounds)
