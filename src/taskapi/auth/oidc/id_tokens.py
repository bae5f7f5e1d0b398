"""What a provider says about somebody, signed by it: authlib knows the rules of OpenID Core §3.1.3.7, joserfc JOSE.

Imported only where a provider is configured: both come with the extra `oidc`.
"""

from collections.abc import Sequence
from typing import Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

# Named, never taken from the token: neither "none" nor a MAC keyed with a public key is a signature.
_ALGORITHMS: Final = ("RS256", "ES256")
_KEY_TYPES: Final[dict[str, type[RSAKey | ECKey]]] = {"RSA": RSAKey, "EC": ECKey}
_LEEWAY_SECONDS: Final = 60


class NotValid(Exception):
    """The reason is for the log."""


class KeyUnknown(NotValid):
    """No key at hand fits; the provider may have newer ones."""


def keys_of(jwks: Sequence[object]) -> KeySet:
    """Those that we understand; one that we do not must not keep the others out (RFC 7517 §5)."""
    keys: list[Key] = []
    for jwk in jwks:
        try:
            if isinstance(jwk, dict) and jwk.get("use", "sig") == "sig":
                keys.append(_KEY_TYPES[jwk["kty"]].import_key(jwk))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)


def verify(
    id_token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, access_token: str | None
) -> dict[str, object]:
    """The claims of a token that this provider made for us, for this sign-in, and just now."""
    try:
        token = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
            params={"client_id": client_id, "nonce": nonce, "access_token": access_token},
        )
        claims.validate(leeway=_LEEWAY_SECONDS)
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise KeyUnknown(str(error)) from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotValid(str(error)) from None
    return dict(claims)
