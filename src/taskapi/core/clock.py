"""Now, as an instant with its time zone: what is stored and compared is in UTC."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
