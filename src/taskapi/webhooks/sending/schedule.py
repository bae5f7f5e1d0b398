"""When a delivery is tried again: the schedule that Standard Webhooks recommends, ten attempts in three days."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

# From one attempt to the next.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
_JITTER: Final = 0.1  # a thousand that failed together shall not come together again
_LONGEST_REST: Final = timedelta(hours=24)


def pause_after(attempts: int) -> timedelta | None:
    """None: that was the last."""
    if attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - only spreads load


def rest_wanted(retry_after: str | None, now: datetime) -> timedelta | None:
    """What `Retry-After` says (RFC 9110 §10.2.3): seconds or a date; a day at most, and None where it says nothing."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after)
        else:
            until = parsedate_to_datetime(retry_after)
            seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    except ValueError:
        return None
    return timedelta(seconds=min(seconds, _LONGEST_REST.total_seconds())) if seconds > 0 else None
