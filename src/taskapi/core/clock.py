"""Now, as an instant with its time zone: what is stored and compared is in UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final

_behind: Final[ContextVar[timedelta]] = ContextVar("behind", default=timedelta())


def utc_now() -> datetime:
    return datetime.now(UTC) - _behind.get()


@contextmanager
def told_at(moment: datetime) -> Iterator[None]:
    """What happens meanwhile happened then: for who plants a past through the services, and for nobody else."""
    token = _behind.set(datetime.now(UTC) - moment)
    try:
        yield
    finally:
        _behind.reset(token)
