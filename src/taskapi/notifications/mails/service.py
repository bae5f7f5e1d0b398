"""Handing notifications over to jobs that mail them, once their time has come."""

from datetime import timedelta
from typing import Final

from taskapi.core.clock import utc_now
from taskapi.core.db.session import DbSession
from taskapi.core.mail import limits
from taskapi.core.mail.limits import Bound
from taskapi.notifications.mails import queries
from taskapi.notifications.mails.jobs import send_notifications

# Whoever is told more often is told the rest once a day: nobody's mailbox is filled by somebody who writes comments.
BOUNDS: Final = (Bound(30, timedelta(hours=1)), Bound(100, timedelta(days=1)))


async def hand_over(session: DbSession) -> bool:
    """A step of what is to be mailed now; whether there may be more."""
    now = utc_now()
    mails = await session.fetch_rows(queries.HAND_OVER, now=now)
    for mail in mails:
        if mail["is_digest"] or await limits.has_room_at(session, "notification", mail["address"], BOUNDS):
            await send_notifications.enqueue(session, user_id=mail["user_id"], mail_id=mail["mail_id"])
        else:
            whose = {"of_user": mail["user_id"], "of_mail": mail["mail_id"]}
            await session.run(queries.PUT_INTO_DIGEST, **whose, now=now)
    return bool(mails)
