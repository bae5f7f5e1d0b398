"""A provider as we talk to it: what it publishes about itself, and its word for a code."""

import base64
import time
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

import structlog
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json

from taskapi.auth.oidc.attempts import Attempt
from taskapi.auth.oidc.claims import Person, person_of
from taskapi.auth.oidc.errors import ProviderFailed, SignInRefused
from taskapi.core.outbound import Answer, Outbound, OutboundFailed
from taskapi.settings import OidcProvider

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

log = structlog.stdlib.get_logger("taskapi.auth")

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_SCOPES: Final = "openid email profile"
_FRESH_SECONDS: Final = 3600.0
_MAX_BYTES: Final = 256 * 1024
_OK: Final = 200
_BASIC: Final = "client_secret_basic"
_POST: Final = "client_secret_post"


class _Metadata(BaseModel):
    """Of OpenID Connect Discovery §3, what we use."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = Field([_BASIC])
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(BaseModel):
    id_token: str
    access_token: str | None = None


_Model = TypeVar("_Model", bound=BaseModel)


class Provider:
    """Knows the provider's metadata and keys for an hour; keys that turn up between are looked for at once."""

    def __init__(self, name: str, settings: OidcProvider, outbound: Outbound, redirect_uri: str) -> None:
        self.name = name
        self.label = settings.name
        self.issuer = settings.issuer
        self._settings = settings
        self._outbound = outbound
        self._redirect_uri = redirect_uri
        self._metadata: tuple[_Metadata, float] | None = None
        self._keys: tuple[KeySet, float] | None = None

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where the browser goes (OpenID Core §3.1.2.1); what the endpoint's own query says stays."""
        parts = urlsplit((await self._published()).authorization_endpoint)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": _SCOPES,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in asked]
        return urlunsplit(parts._replace(query=urlencode([*query, *asked.items()]), fragment=""))

    async def require_sender(self, issuer: str | None) -> None:
        """An answer of one provider is worth nothing at another, where an attacker may have sent it (RFC 9207)."""
        expected = (await self._published()).authorization_response_iss_parameter_supported
        if issuer != self.issuer and (expected or issuer is not None):
            raise self.refused("the answer came from another issuer")

    async def identify(self, code: str, attempt: Attempt) -> Person:
        """Exchange the code for the provider's word on who came back."""
        tokens = await self._exchange(code, attempt)
        claims = await self._verified(tokens, attempt)
        if "email" not in claims and tokens.access_token:
            claims = {**await self._userinfo(tokens.access_token, claims["sub"]), **claims}
        person = person_of(claims)
        if person is None:
            raise self.refused("the subject cannot be used")
        return person

    def refused(self, reason: str) -> SignInRefused:
        log.warning("auth.oidc.refused", provider=self.name, reason=reason)
        return SignInRefused("Start the sign-in again; if that does not help, tell the operator of this service")

    async def _exchange(self, code: str, attempt: Attempt) -> _Tokens:
        metadata = await self._published()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        client_id, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        methods = metadata.token_endpoint_auth_methods_supported
        if _BASIC in methods or _POST not in methods:
            headers["Authorization"] = _basic(client_id, secret)
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        answer = await self._ask("POST", metadata.token_endpoint, headers=headers, content=urlencode(form).encode())
        if answer.status != _OK and _error_of(answer) == "invalid_grant":
            raise self.refused("the provider does not take the code")
        return self._parsed(_Tokens, answer)

    async def _verified(self, tokens: _Tokens, attempt: Attempt) -> dict[str, object]:
        # With the extra "oidc" only; `configure` has made sure that it is there.
        from taskapi.auth.oidc import id_tokens  # noqa: PLC0415

        async def verify(*, newest: bool) -> dict[str, object]:
            return id_tokens.verify(
                tokens.id_token,
                await self._signing_keys(newest=newest),
                issuer=self.issuer,
                client_id=self._settings.client_id,
                nonce=attempt.nonce,
                access_token=tokens.access_token,
            )

        try:
            try:
                return await verify(newest=False)
            except id_tokens.KeyUnknown:
                # Nobody but the provider can make us ask: the token came from it a moment ago.
                return await verify(newest=True)
        except id_tokens.NotValid as error:
            raise self.refused(f"the id_token is not valid: {error}") from None

    async def _userinfo(self, access_token: str, subject: object) -> dict[str, object]:
        """For providers that keep id_tokens small. It counts only when it is about the same subject (§5.3.2)."""
        endpoint = (await self._published()).userinfo_endpoint
        if endpoint is None:
            return {}
        answer = await self._ask("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
        found = self._object(answer)
        if found.get("sub") != subject:
            raise self.refused("the userinfo is about somebody else")
        return found

    async def _published(self) -> _Metadata:
        if self._metadata is None or self._metadata[1] < time.monotonic():
            metadata = self._parsed(_Metadata, await self._ask("GET", self.issuer.rstrip("/") + _WELL_KNOWN))
            if metadata.issuer != self.issuer:
                raise self._failed(f"its metadata is of the issuer {metadata.issuer!r}")
            if not _is_web_address(metadata.authorization_endpoint, like=self.issuer):
                raise self._failed("its authorization endpoint is no address to send people to")
            self._metadata = metadata, time.monotonic() + _FRESH_SECONDS
        return self._metadata[0]

    async def _signing_keys(self, *, newest: bool) -> "KeySet":
        from taskapi.auth.oidc import id_tokens  # noqa: PLC0415

        if newest or self._keys is None or self._keys[1] < time.monotonic():
            document = self._object(await self._ask("GET", (await self._published()).jwks_uri))
            jwks = document.get("keys")
            if not isinstance(jwks, list):
                raise self._failed("its keys are no JWKS")
            self._keys = id_tokens.keys_of(jwks), time.monotonic() + _FRESH_SECONDS
        return self._keys[0]

    async def _ask(
        self, method: str, url: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> Answer:
        try:
            return await self._outbound.send(method, url, headers=headers, content=content, max_bytes=_MAX_BYTES)
        except OutboundFailed as error:
            raise self._failed(str(error)) from error

    def _object(self, answer: Answer) -> dict[str, object]:
        """The JSON object of a good answer."""
        if answer.status != _OK or not answer.complete:
            raise self._failed(f"status {answer.status}" if answer.complete else "more than it should say")
        try:
            found = from_json(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._failed("no JSON object")
        return found

    def _parsed(self, model: type[_Model], answer: Answer) -> _Model:
        found = self._object(answer)
        try:
            return model.model_validate(found)
        except ValidationError as error:
            raise self._failed(f"no good {[fault['loc'] for fault in error.errors()]}") from None

    def _failed(self, reason: str) -> ProviderFailed:
        log.error("auth.oidc.provider_failed", provider=self.name, reason=reason)
        return ProviderFailed("Try again later, or sign in another way; the failure is logged under this request id")


def _basic(client_id: str, secret: str) -> str:
    """Each part form-encoded first (RFC 6749 §2.3.1): a colon in an id would end it."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _error_of(answer: Answer) -> object:
    try:
        found = from_json(answer.body)
    except ValueError:
        return None
    return found.get("error") if isinstance(found, dict) else None


def _is_web_address(url: str, *, like: str) -> bool:
    """https, or http where the operator's own configuration of the issuer says http too."""
    parts = urlsplit(url)
    return bool(parts.netloc) and parts.scheme in {"https", urlsplit(like).scheme}
