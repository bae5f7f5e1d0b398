"""Names and places that have to be recognised, but not kept: as keyed hashes, which no copy of the database undoes."""

from taskapi.core.secrets.digests import derive_key, mac


class Pseudonyms:
    """Writes them with the service's key: without it nobody can try out which name or address stands there."""

    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "pseudonyms")

    def of(self, purpose: str, *words: str) -> bytes:
        """The same bytes for the same words, and for one purpose: none tells what another stands for."""
        return mac(self._key, "\0".join((purpose, *words)).encode())
