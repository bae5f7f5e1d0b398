"""One mail of notifications: what is left of it when it is sent, as things are then."""

from collections.abc import Sequence
from email.message import EmailMessage
from typing import Final
from uuid import UUID

import structlog

from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.mail.composing import compose
from taskapi.core.mail.mailers import AddressRefused
from taskapi.core.urls import public_url
from taskapi.core.work.jobs import JobContext
from taskapi.models import NotificationKind
from taskapi.notifications.mails import queries, wording
from taskapi.notifications.mails.queries import LineRow
from taskapi.notifications.unsubscribing.links import ONE_CLICK, Unsubscribing
from taskapi.settings import Settings

log = structlog.stdlib.get_logger("taskapi.mail")

_UNSUBSCRIBE: Final = "/api/v1/notifications/unsubscribe"
# A line may have more than 78 characters (RFC 5322 §2.1.1), and the link must be neither broken nor encoded.
_LONGEST_LINE: Final = 998


async def deliver(context: JobContext, user_id: UUID, mail_id: UUID) -> None:
    """What was read, taken back or cannot be seen any more is not in it; in quiet hours it waits for their end.

    A worker that dies between the mail server's answer and our note of it leaves the mail to the next one, which sends
    it again under the same Message-ID.
    """
    this, now = {"of_user": user_id, "of_mail": mail_id}, utc_now()
    async with context.database.autocommit() as session:
        rows = await session.fetch_rows(queries.LINES, **this, now=now)
    if rows and rows[0]["not_before"] > now:
        async with unit_of_work(context.database) as session:
            await session.run(queries.PUT_OFF, **this, not_before=rows[0]["not_before"])
        return
    if rows:
        try:
            await context.mailer.send(_composed(context.settings, user_id, mail_id, rows))
            log.info("mail.sent", template="notifications", lines=len(rows))
        except AddressRefused as refusal:  # tried for two days, the mails to one such address would keep a worker busy
            log.warning("mail.refused", template="notifications", user_id=str(user_id), reason=str(refusal))
    async with unit_of_work(context.database) as session:
        await session.run(queries.DONE, **this)


def _composed(settings: Settings, user_id: UUID, mail_id: UUID, rows: Sequence[LineRow]) -> EmailMessage:
    kinds = {NotificationKind(row["kind"]) for row in rows}
    topics = {wording.topic(row) for row in rows}
    end_these = _link(settings, user_id, kinds)
    values: dict[str, object] = {
        "topic": topics.pop() if len(topics) == 1 else None,
        "lines": wording.lines(settings, rows),
        "total": rows[0]["total"],
        "more": rows[0]["total"] - len(rows),
        "ends": {"these": end_these, "all": _link(settings, user_id, set(NotificationKind))},
    }
    message = compose(settings, "notifications", rows[0]["address"], values)
    message.policy = message.policy.clone(max_line_length=_LONGEST_LINE)
    message.replace_header("Message-ID", f"<{mail_id}@{message['Message-ID'].rpartition('@')[2]}")
    message["List-Unsubscribe"] = f"<{end_these}>"
    message["List-Unsubscribe-Post"] = ONE_CLICK
    return message


def _link(settings: Settings, user_id: UUID, kinds: set[NotificationKind]) -> str:
    links = Unsubscribing(settings.security.secret_key.get_secret_value())
    return f"{public_url(settings)}{_UNSUBSCRIBE}?token={links.write(user_id, kinds)}"
