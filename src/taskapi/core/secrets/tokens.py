"""Access tokens (JWT, python-jose, HS256 only) and refresh tokens (opaque, numbered, nothing stored in clear)."""

import hmac
import re
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from jose import jwt
from jose.exceptions import JOSEError

from taskapi.core.errors import InvalidToken
from taskapi.core.ids import new_id
from taskapi.core.secrets.digests import derive_key, from_text, mac, to_text

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "taskapi"
_AUDIENCE: Final = "taskapi"
_ACCESS: Final = "access"
_MAX_TOKEN_BYTES: Final = 4096
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LEEWAY_SECONDS: Final = 30
_REQUIRED: Final = ("exp", "iat", "nbf", "iss", "aud", "sub", "jti", "sid", "typ")
# python-jose enforces no claim unless told: a token without exp or aud would pass.
_OPTIONS: Final = {"leeway": _LEEWAY_SECONDS, **{f"require_{claim}": True for claim in _REQUIRED}}
_REFRESH_PREFIX: Final = "tapr_"
_NUMBER_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class AccessClaims:
    user_id: UUID
    session_id: UUID
    expires_at: float


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    session_id: UUID
    generation: int


class Tokens:
    def __init__(self, secret: str, access_seconds: int) -> None:
        self._secret = secret
        self._refresh_key = derive_key(secret, "refresh tokens")
        self.access_seconds = access_seconds

    def issue_access(self, user_id: UUID, session_id: UUID) -> str:
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": new_id().hex,
            "typ": _ACCESS,
            "iat": now,
            "nbf": now,
            "exp": now + self.access_seconds,
        }
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def read_access(self, token: str) -> AccessClaims:
        """What a good token says. Raises InvalidToken for every other, without telling them apart."""
        try:
            claims = self._verified(token) if _is_plain(token) else None
            if claims is not None:
                return AccessClaims(UUID(claims["sub"]), UUID(claims["sid"]), float(claims["exp"]))
        except (JOSEError, ValueError, TypeError, AttributeError, KeyError, RecursionError, ArithmeticError):
            pass
        raise InvalidToken("The access token is not valid or has expired; sign in or refresh")

    def _verified(self, token: str) -> dict[str, Any] | None:  # python-jose says no more of them than that
        claims: dict[str, Any] = jwt.decode(
            token, self._secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, issuer=_ISSUER, options=_OPTIONS
        )
        # A refresh token is no access token, and python-jose takes a list of audiences or a text for a time.
        ours = claims["typ"] == _ACCESS and claims["aud"] == _AUDIENCE and isinstance(claims["exp"], int)
        # A token that is good for longer than ours are was not made by this service, whoever signed it.
        return claims if ours and claims["exp"] <= time.time() + self.access_seconds + _LEEWAY_SECONDS else None

    def refresh_token(self, session_id: UUID, generation: int) -> str:
        """The n-th refresh token of a session. Always the same one: a lost answer can be given again."""
        payload = session_id.bytes + generation.to_bytes(_NUMBER_BYTES)
        return _REFRESH_PREFIX + to_text(payload + mac(self._refresh_key, payload))

    def read_refresh(self, token: str) -> RefreshClaims:
        try:
            raw = from_text(token.removeprefix(_REFRESH_PREFIX))
            claims = RefreshClaims(UUID(bytes=raw[:16]), int.from_bytes(raw[16 : 16 + _NUMBER_BYTES]))
        except ValueError:
            raise InvalidToken("The refresh token is not valid; sign in again") from None
        if not hmac.compare_digest(token, self.refresh_token(claims.session_id, claims.generation)):
            raise InvalidToken("The refresh token is not valid; sign in again")
        return claims


def _is_plain(token: str) -> bool:
    """No header of ours names a key or an extension, so none may bring one (RFC 8725 §3.10)."""
    # python-jose skips characters that are no base64, so one token would have any number of spellings.
    if len(token) > _MAX_TOKEN_BYTES or not _COMPACT.fullmatch(token):
        return False
    header = jwt.get_unverified_header(token)
    return header.get("typ") == "JWT" and header.keys() <= {"alg", "typ"}
