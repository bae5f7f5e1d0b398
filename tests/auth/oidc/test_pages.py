"""A sign-in that began at a page of ours ends there: with a ticket behind the `#`, for this browser, once."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.auth.oidc.conftest import START, Browser
from tests.support.answers import pointers, problem
from tests.support.authenticator import set_up
from tests.support.factory import Factory
from tests.support.openid import OpenIdProvider
from tests.support.people import verify_address

COMPLETE = "/api/v1/auth/oidc/complete"
EXPIRED = (400, "sign_in_expired")


async def come_back(browser: Browser, page: str = "/signed-in?from=here") -> httpx.Response:
    path, params = await browser.leave(redirect=page)
    return await browser.client.get(path, params=params)


def told(answer: httpx.Response) -> dict[str, str]:
    """What the page reads behind the `#`."""
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).fragment).items()}


async def complete(client: httpx.AsyncClient, token: str, **more: str) -> httpx.Response:
    return await client.post(COMPLETE, json={"sign_in_token": token, **more})


async def test_the_browser_ends_at_the_page_and_finishes_from_there(browser: Browser) -> None:
    answer = await come_back(browser)
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}" == "http://127.0.0.1:8000"
    assert (location.path, location.query) == ("/signed-in", "from=here")
    assert answer.headers["cache-control"] == "no-store"
    found = told(answer)
    assert found["totp_required"] == "false"
    assert "access_token" not in answer.text + answer.headers["location"]
    pair = await complete(browser.client, found["sign_in_token"])
    assert pair.status_code == 200, pair.text
    assert pair.json()["user"]["username"] == "jane"
    assert "taskapi-oidc" not in browser.client.cookies
    assert problem(await complete(browser.client, found["sign_in_token"])) == EXPIRED


async def test_a_page_may_keep_the_session_in_a_cookie(browser: Browser) -> None:
    token = told(await come_back(browser))["sign_in_token"]
    answer = await complete(browser.client, token, session="cookie")
    assert answer.status_code == 200, answer.text
    assert "refresh_token" not in answer.json()
    assert browser.client.cookies["rt"].startswith("tapr_")
    assert "taskapi-oidc" not in browser.client.cookies


@pytest.mark.parametrize(
    "page",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil.example",
        "javascript:alert(1)",
        "",
        "/a#b",
        "/a b",
        "/a\n",
        "/ä",
        "/" + "a" * 500,
    ],
)
async def test_only_a_path_of_ours_is_a_page(client: httpx.AsyncClient, page: str) -> None:
    assert pointers(await client.get(START, params={"redirect": page})) == ["/query/redirect"]


@pytest.mark.parametrize("page", ["/", "/a/b?c=d&e=%2F%2Fevil.example", "/@evil.example", "/.evil.example"])
async def test_whatever_the_path_the_host_is_ours(browser: Browser, page: str) -> None:
    location = (await come_back(browser, page)).headers["location"]
    assert location.startswith(f"http://127.0.0.1:8000{page}#")
    assert urlsplit(location).hostname == "127.0.0.1"


async def test_the_page_is_bound_to_the_state(browser: Browser) -> None:
    """Nobody who can set a cookie, from a sister domain perhaps, leads the browser elsewhere."""
    path, params = await browser.leave(redirect="/signed-in")
    cookie = browser.client.cookies.get("taskapi-oidc")
    browser.client.cookies.clear()
    forged = await browser.client.get(path, params=params, headers={"Cookie": f"taskapi-oidc={cookie}AAAA"})
    assert problem(forged) == EXPIRED


async def test_a_ticket_is_good_in_the_browser_that_came_for_it_alone(browser: Browser, make: Factory) -> None:
    """Else a thief plants a link with a ticket of his own, and the victim works in the thief's account."""
    token = told(await come_back(browser))["sign_in_token"]
    async with make.client() as other:
        assert problem(await complete(other, token)) == EXPIRED
        await Browser(other, browser.provider).leave(redirect="/signed-in")
        assert problem(await complete(other, token)) == EXPIRED
    assert (await complete(browser.client, token)).status_code == 200


async def test_a_ticket_is_good_for_five_minutes(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    token = told(await come_back(browser))["sign_in_token"]
    later = time.time() + 301
    monkeypatch.setattr("taskapi.auth.oidc.attempts.time.time", lambda: later)
    assert problem(await complete(browser.client, token)) == EXPIRED


async def test_a_ticket_ends_with_its_identity(browser: Browser, tables: Any) -> None:
    token = told(await come_back(browser))["sign_in_token"]
    await tables.execute("DELETE FROM identities")
    assert problem(await complete(browser.client, token)) == EXPIRED


async def test_with_an_authenticator_app_the_page_asks_for_its_code(
    browser: Browser, make: Factory, tables: Any
) -> None:
    ana = await make.user("ana")
    await verify_address(tables, "ana")
    browser.provider.person["email"] = "ana@example.com"
    async with make.client(ana) as mine:
        app = await set_up(mine)
    found = told(await come_back(browser))
    assert found["totp_required"] == "true"
    token = found["sign_in_token"]
    assert problem(await complete(browser.client, token)) == (401, "totp_required")
    assert problem(await complete(browser.client, token, totp_code=app.wrong_code())) == (401, "invalid_totp_code")
    assert (await complete(browser.client, token, totp_code=app.code(1))).status_code == 200


async def test_what_went_wrong_is_told_to_the_page(browser: Browser) -> None:
    browser.provider.person["email_verified"] = False
    assert told(await come_back(browser)) == {"error": "email_not_proven"}
    path, params = await browser.leave(redirect="/signed-in")
    refused = {"state": params["state"], "iss": params["iss"], "error": "access_denied"}
    assert told(await browser.client.get(path, params=refused)) == {"error": "sign_in_refused"}


@pytest.mark.slow
async def test_of_twenty_at_once_with_one_ticket_one_is_signed_in(public: Factory, provider: OpenIdProvider) -> None:
    async with public.client() as client:
        token = told(await come_back(Browser(client, provider)))["sign_in_token"]
        cookies = dict(client.cookies)
        clients = [public.client() for _ in range(20)]
        for each in clients:
            each.cookies.update(cookies)
        answers = await asyncio.gather(*(complete(each, token) for each in clients))
        for each in clients:
            await each.aclose()
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 19]
