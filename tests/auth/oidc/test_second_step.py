"""An account with an authenticator app asks for its code on this way in too."""

import time
from typing import Any

import httpx
import pytest

from tests.auth.oidc.conftest import Browser
from tests.support.answers import problem
from tests.support.authenticator import Authenticator, set_up
from tests.support.factory import Factory
from tests.support.people import verify_address

COMPLETE = "/api/v1/auth/oidc/complete"


@pytest.fixture
async def authenticator(browser: Browser, make: Factory, tables: Any) -> Authenticator:
    ana = await make.user("ana")
    await verify_address(tables, "ana")
    browser.provider.person["email"] = "ana@example.com"
    async with make.client(ana) as client:
        return await set_up(client)


async def first_step(browser: Browser) -> str:
    """The token that a code belongs to."""
    refused = await browser.sign_in()
    assert problem(refused) == (401, "totp_required")
    assert "access_token" not in refused.text
    token: str = refused.json()["sign_in_token"]
    return token


async def second_step(browser: Browser, token: str, code: str) -> httpx.Response:
    return await browser.client.post(COMPLETE, json={"sign_in_token": token, "totp_code": code})


async def test_a_right_code_signs_in_once(browser: Browser, authenticator: Authenticator) -> None:
    token = await first_step(browser)
    code = authenticator.code(1)
    finished = await second_step(browser, token, code)
    assert finished.status_code == 200, finished.text
    assert finished.json()["user"]["username"] == "ana"
    assert finished.headers["cache-control"] == "no-store"
    assert problem(await second_step(browser, token, code)) == (401, "invalid_totp_code")


async def test_a_recovery_code_does_too(browser: Browser, authenticator: Authenticator) -> None:
    token = await first_step(browser)
    assert (await second_step(browser, token, authenticator.recovery_codes[0])).status_code == 200


async def test_wrong_codes_are_counted_as_after_a_password(browser: Browser, authenticator: Authenticator) -> None:
    token = await first_step(browser)
    for _ in range(5):
        answer = await second_step(browser, token, authenticator.wrong_code())
        assert problem(answer) == (401, "invalid_totp_code")
    assert problem(await second_step(browser, token, authenticator.code(1))) == (429, "too_many_sign_ins")


async def test_the_token_is_ours_and_whole(browser: Browser, authenticator: Authenticator) -> None:
    token = await first_step(browser)
    for forged in (token[:-4] + "AAAA", "B" + token[1:], token[:60], "AAAA", token + "AAAA"):
        answer = await second_step(browser, forged, authenticator.code(1))
        assert problem(answer) == (400, "sign_in_expired"), forged


async def test_the_token_is_good_for_five_minutes(
    browser: Browser, authenticator: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, code = await first_step(browser), authenticator.code(1)
    later = time.time() + 301
    monkeypatch.setattr("taskapi.auth.oidc.attempts.time.time", lambda: later)
    assert problem(await second_step(browser, token, code)) == (400, "sign_in_expired")


async def test_an_account_disabled_in_between_stays_out(
    browser: Browser, authenticator: Authenticator, tables: Any
) -> None:
    token = await first_step(browser)
    await tables.execute("UPDATE users SET is_active = false WHERE username = 'ana'")
    answer = await second_step(browser, token, authenticator.code(1))
    assert problem(answer) == (401, "invalid_credentials")
