"""Links that end mails: signed, good for ever, and able to do nothing else."""

import hmac
from collections.abc import Collection
from typing import Final
from uuid import UUID

from taskapi.core.secrets.digests import derive_key, from_text, mac, to_text
from taskapi.core.secrets.one_time import LinkNotValid
from taskapi.models import NotificationKind

ONE_CLICK: Final = "List-Unsubscribe=One-Click"
"""What RFC 8058 has mail programs send, and what we say that we take."""
_ID_BYTES: Final = 16
_KIND_BYTES: Final = 2
# In the order of the enum, which only ever grows at its end.
_KINDS: Final = tuple(NotificationKind)


class Unsubscribing:
    """Writes and reads the tokens with the service's key."""

    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "unsubscribing")

    def write(self, user_id: UUID, kinds: Collection[NotificationKind]) -> str:
        bits = sum(1 << place for place, kind in enumerate(_KINDS) if kind in kinds)
        return self._signed(user_id.bytes + bits.to_bytes(_KIND_BYTES))

    def read(self, token: str) -> tuple[UUID, list[NotificationKind]]:
        """Raises LinkNotValid for what we never wrote."""
        try:
            payload = from_text(token)[: _ID_BYTES + _KIND_BYTES]
            user_id = UUID(bytes=payload[:_ID_BYTES])
        except ValueError:
            raise _not_ours() from None
        if not hmac.compare_digest(token.encode(), self._signed(payload).encode()):
            raise _not_ours()
        bits = int.from_bytes(payload[_ID_BYTES:])
        return user_id, [kind for place, kind in enumerate(_KINDS) if bits >> place & 1]

    def _signed(self, payload: bytes) -> str:
        return to_text(payload + mac(self._key, payload))


def _not_ours() -> LinkNotValid:
    return LinkNotValid("This is no link of a mail of ours, or a part of it is missing")
