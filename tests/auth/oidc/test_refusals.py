"""Whatever is wrong with what a provider says, nobody is signed in, and no account is made."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from taskapi.settings import OidcProvider
from tests.auth.oidc.conftest import START, Browser
from tests.support import openid
from tests.support.answers import problem
from tests.support.openid import CLIENT_ID, Claims, OpenIdProvider

pytestmark = pytest.mark.slow

REFUSED = (401, "sign_in_refused")
FAILED = (502, "provider_failed")
NOW = int(time.time())
ELSEWHERE = "http://169.254.169.254/latest/meta-data"


async def nobody_came_in(tables: Any) -> bool:
    counts = await tables.fetchrow(
        "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM identities)"
    )
    return bool(counts[0] == 0)


WRONG_CLAIMS: dict[str, Claims] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "a nonce that is a list": {"nonce": ["another"]},
    "another audience": {"aud": "somebody else"},
    "no audience": {"aud": None},
    "an empty audience": {"aud": []},
    "audiences without us": {"aud": ["a", "b"]},
    "several audiences, nobody authorised": {"aud": [CLIENT_ID, "another"]},
    "several audiences, another authorised": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "another authorised party": {"azp": "another"},
    "another issuer": {"iss": "https://accounts.example.com"},
    "the issuer with a slash": {"iss": "slash"},
    "no issuer": {"iss": None},
    "expired": {"exp": NOW - 120, "iat": NOW - 600},
    "no expiry": {"exp": None},
    "an expiry that is text": {"exp": "tomorrow"},
    "an expiry that is not a number": {"exp": float("nan")},
    "made in the future": {"iat": NOW + 3600},
    "no time": {"iat": None},
    "not yet good": {"nbf": NOW + 3600},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a long subject": {"sub": "x" * 256},
    "a subject that is a number": {"sub": 7},
    "a subject of control characters": {"sub": "a\0b"},
    "another access token": {"at_hash": "bm90IHRoaXMgb25lIQ"},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
async def test_a_token_has_to_be_for_us_for_now_and_for_this_sign_in(browser: Browser, tables: Any, wrong: str) -> None:
    claims = WRONG_CLAIMS[wrong]
    if claims.get("iss") == "slash":
        claims = {"iss": f"{browser.provider.issuer}/"}
    browser.provider.claims = claims
    assert problem(await browser.sign_in()) == REFUSED
    assert await nobody_came_in(tables)


def _by_a_stranger(_: OpenIdProvider) -> Callable[[Claims], str]:
    key = RSAKey.generate_key(2048, {"kid": "first"})
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, key)


def _by_an_unknown_key(provider: OpenIdProvider) -> Callable[[Claims], str]:
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, provider.key)


def _with_another_algorithm(provider: OpenIdProvider) -> Callable[[Claims], str]:
    return lambda claims: jwt.encode({"alg": "PS256", "kid": "first"}, claims, provider.key, ["PS256"])


def _with_the_public_key_as_a_secret(provider: OpenIdProvider) -> Callable[[Claims], str]:
    # No PEM, which joserfc would not even take; confusion by the modulus is the same idea.
    secret = OctKey.import_key(str(provider.key.as_dict(private=False)["n"]), {"kid": "first"})
    return lambda claims: jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret, ["HS256"])


def _with_a_key_of_its_own(provider: OpenIdProvider) -> Callable[[Claims], str]:
    key = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": "first", "jwk": key.as_dict(private=False), "jku": f"{provider.issuer}/evil"}
    return lambda claims: jwt.encode(header, claims, key)


def _without_a_signature(_: OpenIdProvider) -> Callable[[Claims], str]:
    return openid.unsigned


def _cut(provider: OpenIdProvider) -> Callable[[Claims], str]:
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, provider.key).rpartition(".")[0] + "."


def _nonsense(_: OpenIdProvider) -> Callable[[Claims], str]:
    return lambda _: "a.b.c"


def _empty(_: OpenIdProvider) -> Callable[[Claims], str]:
    return lambda _: ""


@pytest.mark.parametrize(
    "sign",
    [
        _by_a_stranger,
        _by_an_unknown_key,
        _with_another_algorithm,
        _with_the_public_key_as_a_secret,
        _with_a_key_of_its_own,
        _without_a_signature,
        _cut,
        _nonsense,
        _empty,
    ],
)
async def test_a_token_has_to_be_signed_by_the_provider(
    browser: Browser, tables: Any, sign: Callable[[OpenIdProvider], Callable[[Claims], str]]
) -> None:
    browser.provider.sign = sign(browser.provider)
    assert problem(await browser.sign_in()) == REFUSED
    assert await nobody_came_in(tables)
    assert "/evil" not in browser.provider.paths_asked()


async def test_a_mac_with_a_key_that_the_provider_published_is_no_signature(browser: Browser, tables: Any) -> None:
    secret = OctKey.import_key("a secret that everybody knows, for it is published", {"kid": "oct"})
    browser.provider.published = [dict(secret.as_dict(private=True))]
    browser.provider.sign = lambda claims: jwt.encode({"alg": "HS256", "kid": "oct"}, claims, secret, ["HS256"])
    assert problem(await browser.sign_in()) == REFUSED
    assert await nobody_came_in(tables)


def _status_500() -> Response:
    return JSONResponse({"error": "server_error"}, 500)


def _to_the_metadata_service() -> Response:
    return RedirectResponse(ELSEWHERE, 302)


def _list() -> Response:
    return JSONResponse([1, 2])


def _page() -> Response:
    return Response("<html>", 200, media_type="text/html")


def _object() -> Response:
    return JSONResponse({"keys": "none"})


@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
@pytest.mark.parametrize("misbehave", [_status_500, _to_the_metadata_service, _list, _page, _object, openid.huge])
async def test_a_provider_that_answers_nonsense_is_a_502(
    browser: Browser, tables: Any, path: str, misbehave: Callable[[], Response]
) -> None:
    browser.provider.answers[path] = misbehave
    if path.startswith("/.well-known"):
        answer = await browser.client.get(START)
    else:
        answer = await browser.sign_in()
    assert problem(answer) == FAILED
    assert "server_error" not in answer.text
    assert await nobody_came_in(tables)


async def test_keys_that_are_no_keys_sign_nothing(browser: Browser) -> None:
    browser.provider.published = []
    assert problem(await browser.sign_in()) == REFUSED


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://accounts.example.com"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "/authorize"},
        {"authorization_endpoint": "ftp://127.0.0.1/authorize"},
        {"token_endpoint": None},
        {"jwks_uri": 7},
    ],
)
async def test_metadata_that_cannot_be_the_providers_sends_nobody_anywhere(browser: Browser, metadata: Claims) -> None:
    browser.provider.metadata = metadata
    assert problem(await browser.client.get(START)) == FAILED


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url", [ELSEWHERE, "http://10.0.0.1/", "http://[::1]:1/", "file:///etc/passwd", "https://user:secret@127.0.0.1/"]
)
async def test_a_provider_cannot_point_us_into_our_own_network(
    browser: Browser, tables: Any, endpoint: str, url: str
) -> None:
    browser.provider.metadata[endpoint] = url
    assert problem(await browser.sign_in()) == FAILED
    assert await nobody_came_in(tables)


async def test_a_provider_that_takes_too_long_is_given_up(
    browser: Browser, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, params = await browser.leave()

    def wait() -> Response:
        time.sleep(1)  # in the provider's own thread
        return JSONResponse({})

    browser.provider.answers["/token"] = wait
    for provider in app.state.oidc.providers.values():
        object.__setattr__(provider._outbound, "seconds", 0.2)
    assert problem(await browser.client.get(path, params=params)) == FAILED


async def test_a_client_that_the_provider_does_not_know_is_our_fault(browser: Browser) -> None:
    browser.provider.answers["/token"] = lambda: JSONResponse({"error": "invalid_client"}, 401)
    assert problem(await browser.sign_in()) == FAILED


@pytest.mark.parametrize("query", [{"error": "access_denied"}, {"error": ""}, {}, {"code": "", "error": "x"}])
async def test_a_provider_that_says_no_is_believed(browser: Browser, tables: Any, query: dict[str, str]) -> None:
    path, params = await browser.leave()
    sent = {"state": params["state"], "iss": params["iss"], **query}
    answer = await browser.client.get(path, params={**sent, "error_description": "<script>"})
    assert problem(answer) == REFUSED
    assert "<script>" not in answer.text
    assert "/token" not in browser.provider.paths_asked()
    assert await nobody_came_in(tables)


@pytest.mark.parametrize("issuer", ["https://accounts.example.com", "", None])
async def test_an_answer_in_the_name_of_another_issuer_is_refused(browser: Browser, issuer: str | None) -> None:
    path, params = await browser.leave()
    params = {**params, "iss": issuer} if issuer is not None else {k: v for k, v in params.items() if k != "iss"}
    assert problem(await browser.client.get(path, params=params)) == REFUSED
    assert "/token" not in browser.provider.paths_asked()


async def test_an_invented_code_is_refused_by_the_provider(browser: Browser) -> None:
    path, params = await browser.leave()
    assert problem(await browser.client.get(path, params={**params, "code": "invented"})) == REFUSED


@pytest.mark.parametrize("method", ["get", "head"])
async def test_an_unknown_provider_is_not_found(client: httpx.AsyncClient, method: str) -> None:
    for path in ("nobody", "nobody/callback", "..%2ffake", "FAKE"):
        assert (await client.request(method, f"/api/v1/auth/oidc/{path}")).status_code == 404


@pytest.mark.parametrize("name", ["redirect", "next", "redirect_uri", "return_to"])
@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/a/../\\evil", "%5cevil"]
)
async def test_nobody_is_sent_anywhere_but_to_the_provider(
    client: httpx.AsyncClient, provider: OpenIdProvider, name: str, target: str
) -> None:
    refused = await client.get(START, params={name: target})
    assert (refused.status_code, "location" in refused.headers, "evil" in refused.text) == (422, False, False)
    assert (await client.get(START)).headers["location"].startswith(f"{provider.issuer}/authorize?")


async def test_the_address_of_the_second_step_is_no_provider(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/auth/oidc/complete")).status_code == 405
    assert (await client.get("/api/v1/auth/oidc/complete/callback")).status_code == 404
    assert (await client.get("/api/v1/auth/oidc/completely")).status_code == 404
    with pytest.raises(ValueError, match="an address of the service's own"):
        OidcProvider.named("complete")
