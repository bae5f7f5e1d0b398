"""What thousands of requests meet alike is told once a minute."""

import time
from typing import Final

_SECONDS: Final = 60.0


class Seldom:
    """By name: how often it happened since it was last told."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}
        self._times: dict[str, int] = {}

    def times(self, name: str) -> int | None:
        """How many there were, this one included, where it is time to tell; else None."""
        self._times[name] = self._times.get(name, 0) + 1
        now = time.monotonic()
        if now < self._next.get(name, 0.0):
            return None
        self._next[name] = now + _SECONDS
        return self._times.pop(name)
