"""Whether the database takes writes, as this process was last told: it may be out of space, or a standby."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from taskapi.core.errors import DatabaseReadOnly, WritesRefused

# While there is no room, a row may still fit where others do not: one write that succeeds soon after says nothing.
_TELLING_SECONDS: Final = 1.0
# Nobody wrote for so long, so nobody knows.
_REMEMBERED_SECONDS: Final = 10.0


class Writability:
    """Given until a write is refused; again with one that succeeds, or after ten seconds in which nobody tried."""

    def __init__(self) -> None:
        self.tell: Callable[[bool], None] = lambda _: None
        """Called with each change."""
        self._refusal: type[WritesRefused] | None = None
        self._refused_at = 0.0

    @property
    def is_given(self) -> bool:
        return self._refusal is None

    def refused(self, refusal: type[WritesRefused]) -> None:
        was_given, self._refusal, self._refused_at = self.is_given, refusal, time.monotonic()
        if was_given:
            self.tell(False)
            asyncio.get_running_loop().call_later(_REMEMBERED_SECONDS, self._forget)

    def succeeded(self) -> None:
        if self._refusal is DatabaseReadOnly or (self._refusal and self._is_older_than(_TELLING_SECONDS)):
            self._regain()

    def found(self, *, read_only: bool) -> None:
        """As the database itself says."""
        if read_only:
            self.refused(DatabaseReadOnly)
        elif self._refusal is DatabaseReadOnly:
            self._regain()

    def _forget(self) -> None:
        if self._refusal is None:
            return
        if self._is_older_than(_REMEMBERED_SECONDS):
            self._regain()
        else:
            left = self._refused_at + _REMEMBERED_SECONDS - time.monotonic()
            asyncio.get_running_loop().call_later(left, self._forget)

    def _regain(self) -> None:
        self._refusal = None
        self.tell(True)

    def _is_older_than(self, seconds: float) -> bool:
        return time.monotonic() - self._refused_at >= seconds
