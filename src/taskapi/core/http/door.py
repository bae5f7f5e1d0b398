"""Who may connect: so many from one address, and no more at all than the process has files for."""

import resource
import time
from collections import Counter
from typing import Final

import structlog

from taskapi.core.http.addresses import is_within, network_of
from taskapi.settings import Network

log = structlog.stdlib.get_logger("taskapi.server")

# What else a process opens: connections to PostgreSQL, the listener, what it reads. Without it a flood of
# connections would keep us from the database.
_FEWEST_KEPT_FILES: Final = 64
_KEPT_SHARE: Final = 8
_TELL_SECONDS: Final = 60.0


class Door:
    """Counts connections of one process. A trusted proxy stands for many people, so that its own are not counted."""

    def __init__(self, most_of_an_address: int, proxies: list[Network]) -> None:
        """`most_of_an_address` of 0 is any number."""
        self._most_of_an_address = most_of_an_address
        self._proxies = proxies
        self._most = _connections_for(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        self._counts: Counter[str] = Counter()
        self._refused = 0
        self._silent_until = 0.0

    def enter(self, address: str | None, present: int) -> str | None:
        """The place of this connection, of which `present` are open, to be left again; or None, it has to go."""
        if present > self._most:
            self._refuse("out of files", address)
            return None
        if not self._most_of_an_address or address is None or is_within(address, self._proxies):
            return ""
        place = network_of(address)
        if self._counts[place] >= self._most_of_an_address:
            self._refuse("too many of one address", address)
            return None
        self._counts[place] += 1
        return place

    def leave(self, place: str) -> None:
        if self._counts[place] > 1:
            self._counts[place] -= 1
        else:
            del self._counts[place]

    def _refuse(self, reason: str, address: str | None) -> None:
        """A flood of connections is no reason for one of lines."""
        self._refused += 1
        if (now := time.monotonic()) >= self._silent_until:
            log.warning("connections.refused", reason=reason, client=address, count=self._refused)
            self._refused, self._silent_until = 0, now + _TELL_SECONDS


def _connections_for(files: int) -> float:
    if files == resource.RLIM_INFINITY:
        return float("inf")
    return files - max(_FEWEST_KEPT_FILES, files // _KEPT_SHARE)
