"""Access tokens that are not ours, or no longer, or not for this: all of them are nobody's."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jose import jwt

from tests.conftest import SECRET_KEY, ClientFor
from tests.support.factory import Factory, Person

Claims = dict[str, Any]
Forger = Callable[[Claims], str]
_rsa = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
PRIVATE_PEM = _rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC_PEM = _rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
HEADER = {"alg": "HS256", "typ": "JWT"}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def signed(claims: Any, header: Any = None, key: bytes = SECRET_KEY.encode(), digest: str = "sha256") -> str:
    """By hand, for libraries refuse to make what is wrong."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    message = f"{encoded(json.dumps(HEADER if header is None else header).encode())}.{encoded(payload)}"
    return f"{message}.{encoded(hmac.digest(key, message.encode(), digest))}"


def with_header(**members: Any) -> Forger:
    return lambda claims: signed(claims, {**HEADER, **members})


def with_claims(**changed: Any) -> Forger:
    return lambda claims: signed({**claims, **changed})


def without(claim: str) -> Forger:
    return lambda claims: signed({name: value for name, value in claims.items() if name != claim})


def unsigned(algorithm: str) -> Forger:
    return lambda claims: signed(claims, {"alg": algorithm, "typ": "JWT"}).rpartition(".")[0] + "."


def respelled(respell: Callable[[str], str]) -> Forger:
    return lambda claims: respell(signed(claims))


def with_public_key(key: bytes) -> Forger:
    """RS256 to HS256: the public key taken for the secret."""
    return lambda claims: signed(claims, key=key)


NOW = int(time.time())
LONG_AGO, SOON, LATER = NOW - 3600, NOW + 500, NOW + 3600
FORGERS: dict[str, Forger] = {
    **{f"algorithm {name}": unsigned(name) for name in ("none", "None", "NONE", "nOnE", "", "HS256")},
    "no algorithm": lambda claims: signed(claims, {"typ": "JWT"}),
    "algorithm HS384": lambda claims: signed(claims, {**HEADER, "alg": "HS384"}, digest="sha384"),
    "algorithm HS512": lambda claims: signed(claims, {**HEADER, "alg": "HS512"}, digest="sha512"),
    "algorithm hs256": with_header(alg="hs256"),
    "algorithm a list": with_header(alg=["HS256"]),
    "algorithm null": with_header(alg=None),
    "algorithm RS256": lambda claims: jwt.encode(claims, PRIVATE_PEM, algorithm="RS256"),
    "public key as the secret": with_public_key(PUBLIC_PEM),
    "another secret": lambda claims: signed(claims, key=b"another secret, and long enough too"),
    "empty secret": lambda claims: signed(claims, key=b""),
    "secret with a line end": lambda claims: signed(claims, key=SECRET_KEY.encode() + b"\n"),
    "empty signature": respelled(lambda token: token.rpartition(".")[0] + "."),
    "no signature": respelled(lambda token: token.rpartition(".")[0]),
    "another's signature": lambda claims: (
        signed(claims).rpartition(".")[0] + "." + signed({**claims, "jti": "x"}).rpartition(".")[2]
    ),
    "truncated": respelled(lambda token: token[:-8]),
    "doubled": respelled(lambda token: token + token),
    "extra segment": respelled(lambda token: token + ".e30"),
    "five segments": respelled(lambda token: f"{token}.e30.e30"),
    "padded": respelled(lambda token: token + "="),
    "dressed up": respelled(lambda token: token + "!"),
    "space within": respelled(lambda token: token[:-5] + " " + token[-5:]),
    "other alphabet": respelled(lambda token: token.replace("-", "+").replace("_", "/") + "=="),
    "critical extension": with_header(crit=["exp"]),
    "unknown critical extension": with_header(crit=["b64"], b64=False),
    "key by address": with_header(jku="https://evil.example/keys"),
    "key in the header": with_header(jwk={"kty": "oct", "k": encoded(SECRET_KEY.encode())}),
    "certificate by address": with_header(x5u="https://evil.example/chain.pem"),
    "certificate in the header": with_header(x5c=["MIIB"]),
    "key id": with_header(kid="../../dev/null"),
    "content type": with_header(cty="JWT"),
    "header type": with_header(typ="at+jwt"),
    "header not an object": lambda claims: signed(claims, ["HS256"]),
    "header a number": lambda claims: signed(claims, 1),
    **{f"without {claim}": without(claim) for claim in ("exp", "iat", "nbf", "iss", "aud", "sub", "jti", "sid", "typ")},
    "issuer": with_claims(iss="elsewhere"),
    "issuer a list": with_claims(iss=["taskapi"]),
    "audience": with_claims(aud="elsewhere"),
    "audience a list": with_claims(aud=["taskapi"]),
    "audiences": with_claims(aud=["taskapi", "elsewhere"]),
    "type refresh": with_claims(typ="refresh"),
    "type empty": with_claims(typ=""),
    "expired": with_claims(exp=LONG_AGO),
    "expiry a text": with_claims(exp=str(SOON)),
    "expiry a fraction": with_claims(exp=SOON + 0.5),
    "expiry true": with_claims(exp=True),
    "expiry null": with_claims(exp=None),
    "expiry far": with_claims(exp=NOW + 86_400),
    "expiry huge": with_claims(exp=10**18),
    "expiry beyond floats": with_claims(exp=10**400),
    "expiry infinite": with_claims(exp=float("inf")),
    "expiry not a number": with_claims(exp=float("nan")),
    "expiry negative": with_claims(exp=-1),
    "not yet": with_claims(nbf=LATER),
    "not yet, a text": with_claims(nbf="tomorrow"),
    "issued not at a time": with_claims(iat="yesterday"),
    "subject no id": with_claims(sub="admin"),
    "subject a number": with_claims(sub=1),
    "subject null": with_claims(sub=None),
    "subject unknown": with_claims(sub=str(uuid4())),
    "subject with NUL": with_claims(sub="\0"),
    "session unknown": with_claims(sid=str(uuid4())),
    "session no id": with_claims(sid="1 OR 1=1"),
    "session a list": with_claims(sid=[]),
    "claims a list": lambda claims: signed([claims]),
    "claims a text": lambda _: signed("claims"),
    "claims no JSON": lambda _: signed(b"{"),
    "claims no text": lambda _: signed(b"\xff\xfe"),
    "claims nested": lambda _: signed(b"[" * 2000 + b"]" * 2000),
    "too long": lambda claims: signed({**claims, "filler": "x" * 4000}),
    "nothing between dots": lambda _: "..",
    "one dot": lambda _: ".",
    "no dots": lambda _: "token",
    "a refresh token's look": lambda _: "tapr_" + "A" * 70,
    "an API token's look": lambda _: "tapi_" + "A" * 40,
    "not ASCII": lambda _: "tökén.é.é",
}


def assert_refused(response: httpx.Response) -> None:
    assert response.status_code == 401, response.text
    assert response.headers["content-type"] == "application/problem+json"
    challenges = {"unauthorized": "Bearer", "invalid_token": 'Bearer error="invalid_token"'}
    assert response.headers["www-authenticate"] == challenges[response.json()["code"]]


async def ask(client: httpx.AsyncClient, *authorizations: str) -> httpx.Response:
    headers = [(b"Authorization", value.encode("latin-1")) for value in authorizations]
    return await client.get("/api/v1/auth/validate", headers=headers)


@pytest.fixture
async def person(make: Factory) -> Person:
    return await make.user()


@pytest.fixture
def claims(person: Person) -> Claims:
    found: Claims = jwt.get_unverified_claims(person.access_token)
    return found


@pytest.fixture
def nobody(client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(None)


async def test_the_forgers_tools_make_good_tokens_too(nobody: httpx.AsyncClient, claims: Claims) -> None:
    response = await ask(nobody, f"Bearer {signed(claims)}")
    assert (response.status_code, response.json()["user_id"]) == (200, claims["sub"])


@pytest.mark.parametrize("kind", FORGERS)
async def test_a_forged_token_is_nobodys(nobody: httpx.AsyncClient, claims: Claims, kind: str) -> None:
    assert_refused(await ask(nobody, f"Bearer {FORGERS[kind](claims)}"))


async def test_a_session_is_good_for_its_own_person_only(
    nobody: httpx.AsyncClient, make: Factory, claims: Claims
) -> None:
    other = jwt.get_unverified_claims((await make.user()).access_token)
    assert_refused(await ask(nobody, f"Bearer {signed({**claims, 'sid': other['sid']})}"))
    assert_refused(await ask(nobody, f"Bearer {signed({**claims, 'sub': other['sub']})}"))


async def test_a_refresh_token_opens_nothing(nobody: httpx.AsyncClient, person: Person) -> None:
    assert_refused(await ask(nobody, f"Bearer {person.refresh_token}"))


async def test_a_cursors_key_signs_no_tokens(nobody: httpx.AsyncClient, claims: Claims) -> None:
    for purpose in ("cursors", "refresh tokens"):
        key = hmac.digest(SECRET_KEY.encode(), f"taskapi {purpose}".encode(), hashlib.sha256)
        assert_refused(await ask(nobody, f"Bearer {signed(claims, key=key)}"))


@pytest.mark.parametrize(
    "written",
    [
        *(
            "{0}",
            "Basic {0}",
            "Token {0}",
            "Bearer",
            "Bearer ",
            "Bearer  {0}",
            "Bearer\t{0}",
            "Bearer {0} ",
            "Bearer,{0}",
        ),
        *("Bearer Bearer {0}", "Bearer {0},{0}", "Bearer {0} {0}", 'Bearer "{0}"', "Bearer token={0}", ""),
    ],
)
async def test_a_good_token_badly_presented_is_refused(nobody: httpx.AsyncClient, person: Person, written: str) -> None:
    assert_refused(await ask(nobody, written.format(person.access_token)))


async def test_the_scheme_may_be_written_in_any_case(nobody: httpx.AsyncClient, person: Person) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        assert (await ask(nobody, f"{scheme} {person.access_token}")).status_code == 200


async def test_two_authorization_headers_are_refused_whichever_is_good(
    nobody: httpx.AsyncClient, person: Person
) -> None:
    good = f"Bearer {person.access_token}"
    for pair in ((good, "Bearer x"), ("Bearer x", good), (good, good)):
        assert_refused(await ask(nobody, *pair))


async def test_a_token_anywhere_but_in_the_header_is_not_seen(nobody: httpx.AsyncClient, person: Person) -> None:
    token = person.access_token
    for query in (f"access_token={token}", f"token={token}"):
        assert_refused(await nobody.get(f"/api/v1/auth/validate?{query}"))
    assert_refused(await nobody.get("/api/v1/auth/validate", headers={"Cookie": f"access_token={token}"}))


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/api/v1/users", "/api/v1/projects/WEB/trash", "/health"])
async def test_a_forged_token_is_refused_everywhere(nobody: httpx.AsyncClient, claims: Claims, path: str) -> None:
    assert_refused(await nobody.get(path, headers={"Authorization": f"Bearer {unsigned('none')(claims)}"}))


@pytest.mark.parametrize(
    "token",
    [
        *("tapr_", "tapr_A", "x", "tapr_" + "A" * 71, "tapr_" + "A" * 69, "tapr_" + "/" * 70, "tapr_====", "A" * 500),
        *("tapr_" + base64.urlsafe_b64encode(b"\xff" * 52).decode(), "{0}=", "{0}A", "{0}{0}", "TAPR{0}"),
        *("", " ", "A" * 501, "tapr_\n", "tapr_é", "\x00"),
    ],
)
async def test_a_garbage_refresh_token_is_told_so(nobody: httpx.AsyncClient, person: Person, token: str) -> None:
    body = {"refresh_token": token.format(person.refresh_token)}
    response = await nobody.post("/api/v1/auth/refresh", json=body)
    assert response.status_code in {401, 422}, response.text
    assert response.json()["code"] in {"invalid_token", "validation_error"}


async def test_every_bit_of_a_refresh_token_counts(nobody: httpx.AsyncClient, person: Person) -> None:
    raw = bytearray(base64.urlsafe_b64decode(person.refresh_token.removeprefix("tapr_") + "=="))
    for position in range(0, len(raw) * 8, 13):
        flipped = raw.copy()
        flipped[position // 8] ^= 1 << position % 8
        forged = "tapr_" + encoded(bytes(flipped))
        response = await nobody.post("/api/v1/auth/refresh", json={"refresh_token": forged})
        assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert (await ask(nobody, f"Bearer {person.access_token}")).status_code == 200
