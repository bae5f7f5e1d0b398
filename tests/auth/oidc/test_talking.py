"""How providers are talked to: their keys, their endpoints, and where they keep what they know."""

from typing import Any

from joserfc.jwk import ECKey, RSAKey

from tests.auth.oidc.conftest import Browser
from tests.support.answers import problem


async def test_keys_that_the_provider_has_changed_are_found_at_once(browser: Browser) -> None:
    first = (await browser.sign_in()).json()["user"]
    before, browser.provider.key = browser.provider.key, RSAKey.generate_key(2048, {"kid": "second"})
    try:
        assert (await browser.sign_in()).json()["user"] == first
        browser.provider.key = RSAKey.generate_key(2048, {"kid": "second"})
        assert (await browser.sign_in()).json()["user"] == first, "the same name for another key"
    finally:
        browser.provider.key = before


async def test_what_the_provider_publishes_is_asked_for_once_an_hour(browser: Browser) -> None:
    await browser.sign_in()
    await browser.sign_in()
    asked = browser.provider.paths_asked()
    assert asked.count("/.well-known/openid-configuration") == 1
    assert asked.count("/keys") == 1
    assert asked.count("/token") == 2


async def test_elliptic_curves_are_understood_and_strange_keys_beside_them_ignored(browser: Browser) -> None:
    before, key = browser.provider.key, ECKey.generate_key("P-256", {"kid": "curve"})
    strange: list[Any] = [
        "no object",
        {"kty": "post-quantum", "kid": "x"},
        {"kty": "RSA", "kid": "y", "n": "?"},
        {**key.as_dict(private=False), "use": "enc", "kid": "for secrets"},
        {"kid": "no kind"},
    ]
    try:
        browser.provider.key = key
        browser.provider.published = [*strange, key.as_dict(private=False)]
        assert (await browser.sign_in()).status_code == 200
    finally:
        browser.provider.key = before


async def test_a_secret_goes_in_the_form_where_the_provider_takes_nothing_else(browser: Browser) -> None:
    browser.provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert (await browser.sign_in()).status_code == 200
    (request,) = [request for request in browser.provider.seen if request.url.path == "/token"]
    assert "authorization" not in request.headers


async def test_the_address_may_come_from_the_userinfo(browser: Browser) -> None:
    for name in ("email", "email_verified"):
        browser.provider.userinfo[name] = browser.provider.person.pop(name)
    assert (await browser.sign_in()).json()["user"]["email"] == "jane@example.com"


async def test_a_userinfo_about_somebody_else_counts_for_nothing(browser: Browser) -> None:
    for name in ("email", "email_verified"):
        browser.provider.userinfo[name] = browser.provider.person.pop(name)
    browser.provider.userinfo["sub"] = "somebody else"
    assert problem(await browser.sign_in()) == (401, "sign_in_refused")
