"""Secrets that have to be read again, such as those of authenticator apps: encrypted with the service's key.

AES-256-GCM, bound to the owner: a row copied into somebody else's account opens nothing there, and a copy of the
database without SECRET_KEY opens nothing at all.
"""

import os
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from taskapi.core.secrets.digests import derive_key

_NONCE_BYTES: Final = 12  # random: with fewer than 2^32 secrets no two meet (NIST SP 800-38D §8.3)


class SecretsAtRest:
    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(derive_key(secret, "secrets at rest"))

    def seal(self, owner: UUID, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, owner.bytes)

    def open(self, owner: UUID, sealed: bytes) -> bytes | None:
        """None when it was sealed with another key, or for somebody else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.bytes)
        except InvalidTag:
            return None
