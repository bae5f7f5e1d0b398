"""A state comes back once, within ten minutes, in the browser it was given to, for the provider it was made for."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.auth.oidc.conftest import START, Browser
from tests.support.answers import problem
from tests.support.factory import PASSWORD, Factory
from tests.support.openid import OpenIdProvider

pytestmark = pytest.mark.slow

EXPIRED = (400, "sign_in_expired")


async def test_a_state_works_once(browser: Browser, provider: OpenIdProvider) -> None:
    path, params = await browser.leave()
    cookies = dict(browser.client.cookies)
    assert (await browser.client.get(path, params=params)).status_code == 200
    assert problem(await browser.client.get(path, params=params)) == EXPIRED
    browser.client.cookies.update(cookies)
    assert problem(await browser.client.get(path, params=params)) == EXPIRED
    assert provider.paths_asked().count("/token") == 1


async def test_a_state_is_used_up_even_when_the_provider_fails(browser: Browser) -> None:
    path, params = await browser.leave()
    assert problem(await browser.client.get(path, params={**params, "code": "invented"})) == (401, "sign_in_refused")
    assert problem(await browser.client.get(path, params=params)) == EXPIRED


async def test_a_code_works_once_even_with_a_new_state(browser: Browser) -> None:
    path, params = await browser.leave()
    assert (await browser.client.get(path, params=params)).status_code == 200
    path, fresh = await browser.leave()
    answer = await browser.client.get(path, params={**fresh, "code": params["code"]})
    assert problem(answer) == (401, "sign_in_refused")


async def test_somebody_elses_code_is_of_no_use(browser: Browser, make: Factory, provider: OpenIdProvider) -> None:
    """The attacker's own code, planted in the victim's browser, or the victim's in the attacker's: PKCE knows."""
    async with make.client() as client:
        attacker = Browser(client, provider)
        _, planted = await attacker.leave()
    path, params = await browser.leave()
    answer = await browser.client.get(path, params={**params, "code": planted["code"]})
    assert problem(answer) == (401, "sign_in_refused")


async def test_a_state_belongs_to_one_browser(browser: Browser, make: Factory, provider: OpenIdProvider) -> None:
    path, params = await browser.leave()
    async with make.client() as without_cookie:
        assert problem(await without_cookie.get(path, params=params)) == EXPIRED
    async with make.client() as client:
        other = Browser(client, provider)
        await other.leave()
        assert problem(await client.get(path, params=params)) == EXPIRED
    assert (await browser.client.get(path, params=params)).status_code == 200, "and nobody has used it up"


async def test_a_state_belongs_to_one_provider(browser: Browser) -> None:
    _, params = await browser.leave()
    answer = await browser.client.get("/api/v1/auth/oidc/other/callback", params=params)
    assert problem(answer) == EXPIRED


@pytest.mark.parametrize("state", ["", "x", "ü", "\0", "A" * 43, "A" * 200])
async def test_an_invented_state_fits_no_cookie(browser: Browser, state: str) -> None:
    path, params = await browser.leave()
    assert problem(await browser.client.get(path, params={**params, "state": state})) == EXPIRED
    assert problem(await browser.client.get(path, params={"code": "x"})) == EXPIRED


@pytest.mark.parametrize("cookie", ["", "x", "A" * 32, "A" * 33, "%00", "A" * 4000])
async def test_an_invented_cookie_fits_no_state(browser: Browser, cookie: str) -> None:
    path, params = await browser.leave()
    browser.client.cookies.clear()
    answer = await browser.client.get(path, params=params, headers={"Cookie": f"taskapi-oidc={cookie}"})
    assert problem(answer) == EXPIRED


async def test_a_sign_in_takes_ten_minutes_at_most(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    path, params = await browser.leave()
    later = time.time() + 601
    monkeypatch.setattr("taskapi.auth.oidc.attempts.time.time", lambda: later)
    assert problem(await browser.client.get(path, params=params)) == EXPIRED


async def test_a_state_that_is_too_long_is_a_fault_of_the_request(browser: Browser) -> None:
    answer = await browser.client.get(f"{START}/callback", params={"state": "A" * 4097})
    assert problem(answer) == (422, "validation_error")


async def test_used_states_are_forgotten_with_the_links(browser: Browser, tables: Any) -> None:
    await browser.sign_in()
    row = await tables.fetchrow("SELECT purpose, used_at, expires_at FROM one_time_tokens")
    assert row["purpose"] == "oidc_state"
    assert row["used_at"] >= row["expires_at"]


async def test_of_twenty_at_once_one_uses_the_state(public: Factory, provider: OpenIdProvider) -> None:
    async with public.client() as client:
        path, params = await Browser(client, provider).leave()
        answers = await asyncio.gather(*(client.get(path, params=params) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 19]
    assert provider.paths_asked().count("/token") == 1


async def test_twenty_first_sign_ins_of_one_person_make_one_account(public: Factory, provider: OpenIdProvider) -> None:
    clients = [public.client() for _ in range(20)]
    browsers = [Browser(client, provider) for client in clients]
    ways = [await browser.leave() for browser in browsers]
    answers: list[httpx.Response] = await asyncio.gather(
        *(browser.client.get(path, params=params) for browser, (path, params) in zip(browsers, ways, strict=True))
    )
    for client in clients:
        await client.aclose()
    assert [answer.status_code for answer in answers] == [200] * 20, [answer.text for answer in answers]
    assert len({answer.json()["user"]["id"] for answer in answers}) == 1


async def test_twenty_first_sign_ins_beside_a_registration_make_one_account(
    public: Factory, provider: OpenIdProvider
) -> None:
    """Of one address: whoever is second finds the account, and neither fails."""
    clients = [public.client() for _ in range(20)]
    browsers = [Browser(client, provider) for client in clients]
    ways = [await browser.leave() for browser in browsers]
    body = {"username": "jane", "email": "jane@example.com", "password": PASSWORD}
    registered, *answers = await asyncio.gather(
        clients[0].post("/api/v1/auth/register", json=body),
        *(browser.client.get(path, params=params) for browser, (path, params) in zip(browsers, ways, strict=True)),
    )
    for client in clients:
        await client.aclose()
    # An account that was registered first is not proven, so that no provider opens it.
    expected = 409 if registered.status_code == 201 else 200
    assert {answer.status_code for answer in answers} == {expected}, [answer.text for answer in answers]


async def test_a_sign_in_under_way_while_an_administrator_signs_the_account_out_is_none(
    public: Factory, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its identity is gone by then; a session that began after the sign-out would outlive it."""
    root = await public.user("root", admin=True)
    async with public.client() as client, public.client(root) as admin:
        browser = Browser(client, provider)
        user = (await browser.sign_in()).json()["user"]
        path, params = await browser.leave()

        async def meanwhile(*_: object) -> bool:
            monkeypatch.undo()
            assert (await admin.post(f"/api/v1/users/{user['id']}/sign-out")).status_code == 204
            return False

        monkeypatch.setattr("taskapi.auth.sign_in.service.codes.is_on", meanwhile)
        assert problem(await client.get(path, params=params)) == EXPIRED
