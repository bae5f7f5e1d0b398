"""The one place that asks what time it is, so that tests can move it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
