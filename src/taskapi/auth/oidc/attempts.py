"""One try to sign in at a provider: what the browser carries there and back, and what binds the two ends together.

The cookie is an id and a time. The state, which travels through the provider, is a MAC over both: it fits this one
cookie, this provider and these ten minutes, and a cookie that somebody made up fits no state at all. The nonce and
the PKCE verifier are MACs for other purposes, and so never leave the service before they are needed; nothing is
stored until somebody comes back.
"""

import hmac
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from taskapi.core.ids import new_id
from taskapi.core.secrets.digests import DIGEST_BYTES, derive_key, digest, from_text, mac, to_text

SECONDS: Final = 600
_SECOND_STEP_SECONDS: Final = 300
_ID_BYTES: Final = 16
_TIME_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Attempt:
    id: UUID
    expires_at: int
    state: str
    nonce: str
    verifier: str

    @property
    def cookie(self) -> str:
        return to_text(self.id.bytes + self.expires_at.to_bytes(_TIME_BYTES))

    @property
    def challenge(self) -> str:
        """Of the verifier, by S256 (RFC 7636 §4.2)."""
        return to_text(digest(self.verifier))


class Attempts:
    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "sign-ins at providers")

    def begin(self, provider: str) -> Attempt:
        return self._attempt(provider, new_id(), int(time.time()) + SECONDS)

    def resume(self, provider: str, cookie: str, state: str) -> Attempt | None:
        """None when the two do not belong together, or it is too late."""
        read = _read(cookie, _ID_BYTES + _TIME_BYTES)
        if read is None:
            return None
        attempt = self._attempt(provider, UUID(bytes=read[:_ID_BYTES]), int.from_bytes(read[_ID_BYTES:]))
        fits = hmac.compare_digest(attempt.state.encode(), state.encode())
        return attempt if fits and attempt.expires_at > time.time() else None

    def second_step(self, user_id: UUID) -> str:
        """Says that the provider has spoken for this user, until the code of the authenticator app has been typed."""
        payload = user_id.bytes + (int(time.time()) + _SECOND_STEP_SECONDS).to_bytes(_TIME_BYTES)
        return to_text(payload + self._mac("second step", payload))

    def read_second_step(self, token: str) -> UUID | None:
        size = _ID_BYTES + _TIME_BYTES
        read = _read(token, size + DIGEST_BYTES)
        if read is None or not hmac.compare_digest(read[size:], self._mac("second step", read[:size])):
            return None
        return UUID(bytes=read[:_ID_BYTES]) if int.from_bytes(read[_ID_BYTES:size]) > time.time() else None

    def _attempt(self, provider: str, attempt_id: UUID, expires_at: int) -> Attempt:
        payload = attempt_id.bytes + expires_at.to_bytes(_TIME_BYTES) + provider.encode()
        state, nonce, verifier = (to_text(self._mac(purpose, payload)) for purpose in ("state", "nonce", "verifier"))
        return Attempt(attempt_id, expires_at, state, nonce, verifier)

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        return mac(self._key, f"{purpose}:".encode() + payload)


def _read(text: str, size: int) -> bytes | None:
    try:
        raw = from_text(text)
    except ValueError:
        return None
    return raw if len(raw) == size else None
