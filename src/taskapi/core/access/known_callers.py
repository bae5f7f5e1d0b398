"""Callers whose tokens were verified in this process a moment ago."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from taskapi.core.callers import Caller

_FRESH_SECONDS: Final = 4.0
_MAX_KNOWN: Final = 20_000


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """Announced in the transaction that changes what a Caller says: rights, credentials, the time zone."""

    user_id: UUID


class KnownCallers:
    """Tokens that were verified, and accounts and sessions looked up, within the last four seconds.

    So a session or API token that is revoked, or an account disabled, in any process is out of all of them within
    five.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Caller, float]] = {}

    def find(self, token: str) -> Caller | None:
        found = self._known.get(token)
        if found is None or found[1] < time.monotonic() or found[0].expires_at < time.time():
            return None
        return found[0]

    def keep(self, token: str, caller: Caller) -> None:
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[token] = (caller, time.monotonic() + _FRESH_SECONDS)

    def forget(self, changed: RightsChanged) -> None:
        """In the process where the change was made it holds at once."""
        for token in [token for token, (caller, _) in self._known.items() if caller.id == changed.user_id]:
            del self._known[token]

    def clear(self) -> None:
        self._known.clear()
