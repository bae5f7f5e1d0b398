"""UUIDv7 (RFC 9562 §5.7): identifiers that sort by the time they were made, also within a millisecond."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = (1 << 62) - 1
# A clock that was set back by more has been wrong: ids follow it then, and do not stay in its future.
_SHORT_STEP_BACK = 10 * 1_000 << 12
_last = 0
_behind: Final[ContextVar[int]] = ContextVar("behind", default=0)
"""Nanoseconds."""


def new_id() -> UUID:
    """Greater than the one before it, also where the clock was set back a little meanwhile.

    The twelve bits after the milliseconds are a fraction of the millisecond (RFC 9562 §6.2, method 3).
    """
    global _last  # noqa: PLW0603 - the one thing that a later id has to know of an earlier one
    nanoseconds = time.time_ns() - _behind.get()
    now = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 << 12) // 1_000_000
    _last = _last + 1 if now <= _last < now + _SHORT_STEP_BACK else now
    random = int.from_bytes(os.urandom(8)) & _RANDOM_BITS
    return UUID(int=(_last >> 12) << 80 | _VERSION | (_last & 0xFFF) << 64 | _VARIANT | random)


@contextmanager
def made_at(moment: datetime) -> Iterator[None]:
    """Ids of then, for who plants a past (`clock.told_at`)."""
    token = _behind.set(time.time_ns() - int(moment.timestamp() * 1_000_000_000))
    try:
        yield
    finally:
        _behind.reset(token)


def first_id_of(instant: datetime) -> UUID:
    """No id that was made before that millisecond is greater, and none that was made since is less."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)
