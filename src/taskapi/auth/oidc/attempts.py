"""One try to sign in at a provider: what the browser carries there and back, and what binds the two ends together.

The cookie is an id, a time and the page to go to in the end. The state, which travels through the provider, is a MAC
over them: it fits this one cookie, this provider and these ten minutes, and a cookie that somebody made up fits no
state at all. The nonce and
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
_TICKET_BYTES: Final = 2 * _ID_BYTES + _TIME_BYTES


@dataclass(frozen=True, slots=True)
class Attempt:
    id: UUID
    expires_at: int
    page: str
    """The path of ours that the browser shall end at; empty for a client that wants the tokens themselves."""
    state: str
    nonce: str
    verifier: str

    @property
    def cookie(self) -> str:
        return to_text(self.id.bytes + self.expires_at.to_bytes(_TIME_BYTES) + self.page.encode())

    @property
    def challenge(self) -> str:
        """Of the verifier, by S256 (RFC 7636 §4.2)."""
        return to_text(digest(self.verifier))


@dataclass(frozen=True, slots=True)
class Ticket:
    """The provider has spoken for somebody; a step is left before they are signed in."""

    identity_id: UUID
    """By which they came. Not the account: a ticket ends with its identity."""
    attempt_id: UUID
    for_page: bool
    """Whether it stands in the address of a page of ours. Then it is good in the browser that came for it alone."""


class Attempts:
    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "sign-ins at providers")

    def begin(self, provider: str, page: str) -> Attempt:
        return self._attempt(provider, new_id(), int(time.time()) + SECONDS, page)

    def resume(self, provider: str, cookie: str, state: str) -> Attempt | None:
        """None when the two do not belong together, or it is too late."""
        read = _read(cookie)
        if read is None:
            return None
        page = read[_ID_BYTES + _TIME_BYTES :].decode("ascii", "replace")
        attempt = self._attempt(provider, _id_in(read), int.from_bytes(read[_ID_BYTES:][:_TIME_BYTES]), page)
        fits = hmac.compare_digest(attempt.state.encode(), state.encode())
        return attempt if fits and attempt.expires_at > time.time() else None

    def write_ticket(self, ticket: Ticket) -> str:
        """Good for five minutes."""
        expires_at = int(time.time()) + _SECOND_STEP_SECONDS
        payload = ticket.attempt_id.bytes + expires_at.to_bytes(_TIME_BYTES) + ticket.identity_id.bytes
        return to_text(payload + self._mac(_step(for_page=ticket.for_page), payload))

    def read_ticket(self, token: str) -> Ticket | None:
        read = _read(token)
        if read is None or len(read) != _TICKET_BYTES + DIGEST_BYTES:
            return None
        payload, seal = read[:_TICKET_BYTES], read[_TICKET_BYTES:]
        for for_page in (False, True):
            if hmac.compare_digest(seal, self._mac(_step(for_page=for_page), payload)):
                is_good = int.from_bytes(payload[_ID_BYTES:][:_TIME_BYTES]) > time.time()
                return Ticket(UUID(bytes=payload[-_ID_BYTES:]), _id_in(payload), for_page) if is_good else None
        return None

    def _attempt(self, provider: str, attempt_id: UUID, expires_at: int, page: str) -> Attempt:
        # No name of a provider holds a "/", with which every page begins.
        payload = attempt_id.bytes + expires_at.to_bytes(_TIME_BYTES) + provider.encode() + page.encode()
        state, nonce, verifier = (to_text(self._mac(purpose, payload)) for purpose in ("state", "nonce", "verifier"))
        return Attempt(attempt_id, expires_at, page, state, nonce, verifier)

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        return mac(self._key, f"{purpose}:".encode() + payload)


def belongs_to(cookie: str, ticket: Ticket) -> bool:
    """Whether the browser is the one that the ticket was made for: nobody else has the cookie of its attempt."""
    read = _read(cookie)
    return read is not None and _id_in(read) == ticket.attempt_id


def _step(*, for_page: bool) -> str:
    return "the last step, from a page" if for_page else "the last step"


def _id_in(read: bytes) -> UUID:
    return UUID(bytes=read[:_ID_BYTES])


def _read(text: str) -> bytes | None:
    """None for what is too short to begin with an id and a time."""
    try:
        raw = from_text(text)
    except ValueError:
        return None
    return raw if len(raw) >= _ID_BYTES + _TIME_BYTES else None
