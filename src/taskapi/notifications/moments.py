"""When a notification is mailed, in SQL: texts for statements that are put together from texts.

Each is an expression over `here`, which `HERE` makes beside a row of `users` and one of `notification_preferences`
that is called `own`: what time it is there, and what their person chose.
"""

from datetime import timedelta
from typing import Final

from taskapi.models import EmailChoice, NotificationKind

DIGEST_HOUR: Final = 8
# What is said of one task within so long goes in one mail, and what is taken back is never mailed.
GATHERED: Final = timedelta(minutes=2)
AT_ONCE: Final = timedelta(0)
DEFAULT_EMAIL: Final = {
    NotificationKind.ASSIGNED: EmailChoice.NOW,
    NotificationKind.MENTIONED: EmailChoice.NOW,
    NotificationKind.COMMENTED: EmailChoice.DIGEST,
    NotificationKind.STATUS_CHANGED: EmailChoice.OFF,
    NotificationKind.DUE_SOON: EmailChoice.DIGEST,
    NotificationKind.OVERDUE: EmailChoice.DIGEST,
    NotificationKind.REMINDER: EmailChoice.NOW,
    NotificationKind.INVITED: EmailChoice.NOW,
    NotificationKind.RULE: EmailChoice.NOW,
}

HERE: Final = f"""
    CROSS JOIN LATERAL (SELECT known_zone(users.timezone) AS zone) AS place
    CROSS JOIN LATERAL (
        SELECT place.zone, $now::timestamptz AT TIME ZONE place.zone AS clock,
            make_time(coalesce(own.daily_hour, {DIGEST_HOUR}), 0, 0) AS digest, own.quiet_from, own.quiet_to
    ) AS here
"""
NEXT_DIGEST: Final = """
    (here.clock::date + (here.clock::time >= here.digest)::integer + here.digest) AT TIME ZONE here.zone
"""


def out_of_quiet_hours(after: timedelta) -> str:
    """So long from now; where that is in quiet hours, which may go over midnight, their end."""
    later = f"interval '{int(after.total_seconds())} seconds'"
    at, clock = f"$now::timestamptz + {later}", f"(here.clock + {later})"
    return f"""
        CASE
            WHEN here.quiet_from IS NULL THEN {at}
            WHEN {clock}::time < here.quiet_to AND ({clock}::time >= here.quiet_from OR here.quiet_from > here.quiet_to)
                THEN ({clock}::date + here.quiet_to) AT TIME ZONE here.zone
            WHEN {clock}::time >= here.quiet_from AND here.quiet_from > here.quiet_to
                THEN ({clock}::date + 1 + here.quiet_to) AT TIME ZONE here.zone
            ELSE {at}
        END
    """


def chosen(kind: str) -> str:
    """The EmailChoice for what `kind` names in SQL."""
    cases = " ".join(f"WHEN '{one}' THEN '{email}'" for one, email in DEFAULT_EMAIL.items())
    return f"coalesce(own.kinds -> {kind} ->> 'email', CASE {kind} {cases} ELSE 'off' END)"
