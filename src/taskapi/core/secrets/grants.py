"""Passwords that were right a moment ago, so that who reads ten times with one pays for one hash.

A grant is good for whoever comes from the same network with the same password for the same thing, while what is stored
of the password is the same. A wrong one takes it away: else it would be a place to guess at without being counted.
"""

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from taskapi.core.secrets.digests import mac

_KEY_BYTES: Final = 32
_GOOD_SECONDS: Final = 600.0
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Grant:
    proof: bytes
    ends_at: float


class Grants:
    """This process's. They hold no password, but its MAC with a key that was made at start and is written nowhere."""

    def __init__(self, most: int = _MOST) -> None:
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._most = most
        self._held: dict[tuple[UUID, str], _Grant] = {}

    def __len__(self) -> int:
        return len(self._held)

    def has(self, thing: UUID, network: str, password: str, stored: str) -> bool:
        grant = self._held.get((thing, network))
        if grant is None:
            return False
        if grant.ends_at > time.monotonic() and hmac.compare_digest(grant.proof, self._proof(password, stored)):
            return True
        del self._held[thing, network]
        return False

    def give(self, thing: UUID, network: str, password: str, stored: str) -> None:
        if len(self._held) >= self._most:
            self._held.clear()  # costs each of them a hash
        self._held[thing, network] = _Grant(self._proof(password, stored), time.monotonic() + _GOOD_SECONDS)

    def _proof(self, password: str, stored: str) -> bytes:
        return mac(self._key, f"{stored}\0{password}".encode())
