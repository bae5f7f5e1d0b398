"""Secrets and signatures of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, in base64."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"
_BYTES: Final = 32  # the specification asks for 24 to 64


def new_secret() -> bytes:
    return secrets.token_bytes(_BYTES)


def shown(secret: bytes) -> str:
    """As receivers give it to their libraries."""
    return _PREFIX + base64.b64encode(secret).decode()


def signatures(keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret that is good now, so that either opens it."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"{_VERSION},{_signature(key, signed)}" for key in keys)


def _signature(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
