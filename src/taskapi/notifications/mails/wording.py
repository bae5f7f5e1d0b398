"""What a notification is in words, and the values of a mail made of several."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from taskapi.core.mail.harmless import harmless
from taskapi.core.urls import public_url
from taskapi.models import NotificationKind
from taskapi.notifications.mails.queries import LineRow
from taskapi.settings import Settings

_SENTENCES: Final = {
    NotificationKind.ASSIGNED: "{actor} assigned you to {name}",
    NotificationKind.MENTIONED: "{actor} mentioned you in {name}",
    NotificationKind.COMMENTED: "{actor} commented on {name}",
    NotificationKind.STATUS_CHANGED: "{actor} changed the status of {name}, which is {status} now",
    NotificationKind.DUE_SOON: "{name} is due {due}",
    NotificationKind.OVERDUE: "{name} is overdue, since {due}",
    NotificationKind.REMINDER: "You wanted to be reminded of {name}",
    NotificationKind.INVITED: "{actor} added you to the project {name}",
    NotificationKind.RULE: "A rule of the project wants you to know of {name}",
}


def lines(settings: Settings, rows: Sequence[LineRow]) -> list[dict[str, str | None]]:
    """Of each what happened, what the comment says, and where to look; all of it harmless."""
    return [
        {
            "what": _sentence(row),
            "said": harmless(row["said"]) if row["said"] else None,
            "link": f"{public_url(settings)}/tasks/{row['task_key']}" if row["task_key"] else None,
        }
        for row in rows
    ]


def topic(row: LineRow) -> str:
    """What the mail is about: the same for all mails of a task, so that they stand together in a mailbox."""
    return _named(row)


def _sentence(row: LineRow) -> str:
    return _SENTENCES[NotificationKind(row["kind"])].format(
        name=_named(row),
        actor=harmless(row["actor"] or "Somebody"),
        status=harmless(row["status"] or ""),
        due=_due(row),
    )


def _named(row: LineRow) -> str:
    name = harmless(row["name"])
    return f"{row['task_key']} {name}" if row["task_key"] else name


def _due(row: LineRow) -> str:
    """In the zone of whoever reads it; the date may have gone since."""
    if row["due_at"] is not None:
        return f"{row['due_at'].astimezone(ZoneInfo(row['zone'])):%Y-%m-%d at %H.%M}"
    return f"{row['due_on']:%Y-%m-%d}" if row["due_on"] is not None else "at a date that was taken off"
