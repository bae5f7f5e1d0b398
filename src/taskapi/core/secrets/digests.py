"""Bytes written as text, SHA-256, and MACs and keys made with it."""

import base64
import hashlib
import hmac
from typing import Final

DIGEST_BYTES: Final = 32


def to_text(raw: bytes) -> str:
    """base64url without padding (RFC 4648 §5): letters, digits, `-` and `_`, which fit into any address."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """What `to_text` made this text of. Raises ValueError for every text that it never writes.

    A decoder alone takes several spellings for the same bytes, so that one token could come as many.
    """
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if to_text(raw) != text:
        raise ValueError("this is not how the text is written")
    return raw


def digest(text: str) -> bytes:
    """SHA-256 of it. For secrets of 128 random bits and more: what people choose needs a slow hash."""
    return hashlib.sha256(text.encode()).digest()


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC with SHA-256."""
    return hmac.digest(key, message, hashlib.sha256)


def derive_key(secret: str, purpose: str) -> bytes:
    """A key for one purpose: what is signed for one thing means nothing for another."""
    return mac(secret.encode(), f"taskapi {purpose}".encode())
